"""Puts the DAGs of a product together."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from airflow.sdk import DAG, get_parsing_context

from floe_airflow.build_operator import BuildOperator
from floe_airflow.dbt_operator import TIMEOUT_MARGIN
from floe_airflow.definitions_data import DefinitionsData, read_bundle_hash, read_definitions_data
from floe_airflow.node_operator import NodeOperator
from floe_airflow.product_assets import ProductAssets
from floe_airflow.task_names import BUILD_TASK, VERDICT_TASK
from floe_airflow.trigger_dags import trigger_dags
from floe_airflow.verdict_operator import VerdictOperator

_START: Final = datetime(2024, 1, 1, tzinfo=timezone.utc)
_TAG_LIMIT: Final = 100
_RESTART_DELAY: Final = timedelta(seconds=10)


def product_dags(bundle: Path) -> dict[str, DAG]:
    """
    Reads a bundle; everything in it was checked when it was made. In the process of a task only that task is built:
    the scheduler works with what was serialized before.
    """
    data = read_definitions_data(bundle)
    context = get_parsing_context()
    arguments = _dag_arguments(data, read_bundle_hash(bundle))
    wanted = context.dag_id
    dags = []
    if wanted in (None, data["dag_id"]):
        dags.append(_MainDag(bundle, data, arguments).task(context.task_id))
    dags += trigger_dags(bundle, data, arguments, wanted)
    return {dag.dag_id: dag for dag in dags}


def _dag_arguments(data: DefinitionsData, bundle_hash: str) -> dict[str, Any]:
    tags = {
        "floe",
        f"floe-product:{data['product']}",
        f"floe-platform:{data['platform']}",
        f"floe-bundle:{bundle_hash.removeprefix('sha256:')}",
    }
    short = {tag[:_TAG_LIMIT] for tag in tags}
    return {"start_date": _START, "catchup": False, "max_active_runs": 1, "tags": short}


class _MainDag:
    """The DAG that runs the product: `build`, the nodes when each has a task, and the `verdict`."""

    def __init__(self, bundle: Path, data: DefinitionsData, arguments: dict[str, Any]) -> None:
        self._bundle = bundle
        self._data = data
        self._assets = ProductAssets(data)
        self._has_nodes = data["granularity"] == "node"
        self._dag = DAG(
            dag_id=data["dag_id"],
            description=data["description"] or None,
            schedule=None,
            is_paused_upon_creation=False,
            dagrun_timeout=timedelta(seconds=data["dagrun_timeout"]),
            # Tasks in the triggerer do not count: nodes that were cleared run dbt one after another.
            max_active_tasks=1,
            **arguments,
        )

    def task(self, only: str | None) -> DAG:
        """The DAG with all tasks and their order, or with one task."""
        if only in (None, BUILD_TASK):
            self._add_build(is_run=only is not None)
        if self._has_nodes:
            for index, entry in enumerate(self._data["tasks"]):
                if only in (None, entry["id"]):
                    self._add_node(index)
        if only in (None, VERDICT_TASK):
            self._add_verdict(shows_assets=only is None)
        if only is None:
            self._connect()
        return self._dag

    def _add_build(self, *, is_run: bool) -> None:
        BuildOperator(
            task_id=BUILD_TASK,
            bundle=self._bundle,
            data=self._data,
            is_run=is_run,
            retries=self._data["restarts"],
            retry_delay=_RESTART_DELAY,
            execution_timeout=timedelta(seconds=self._data["timeout"] + TIMEOUT_MARGIN),
            **self._common(len(self._data["assets"]) + 1),
        )

    def _add_node(self, index: int) -> None:
        entry = self._data["tasks"][index]
        NodeOperator(
            task_id=entry["id"],
            task_display_name=entry["title"],
            bundle=self._bundle,
            data=self._data,
            build_task=BUILD_TASK,
            asset=self._assets.at(entry["asset"]),
            inlets=self._assets.upstream_of(entry["asset"]),
            # The build tells how each node ended: waiting for one another would only take time.
            trigger_rule="always",
            retries=0,
            **self._common(len(self._data["tasks"]) - index),
        )

    def _add_verdict(self, *, shows_assets: bool) -> None:
        sources = [] if self._has_nodes else self._assets.sources()
        made = [self._assets.product()] if self._has_nodes else self._assets.made()
        VerdictOperator(
            task_id=VERDICT_TASK,
            bundle=self._bundle,
            data=self._data,
            build_task=BUILD_TASK,
            inlets=sources if shows_assets else [],
            outlets=made if shows_assets else [],
            doc_md=self._assets.table() if shows_assets else None,
            trigger_rule="all_done",
            retries=0,
            **self._common(1),
        )

    def _common(self, weight: int) -> dict[str, Any]:
        return {"weight_rule": "absolute", "priority_weight": weight, "do_xcom_push": False, "dag": self._dag}

    def _connect(self) -> None:
        """By the plain sets: Airflow's own methods take time with the square of the number of tasks."""
        self._edge(BUILD_TASK, VERDICT_TASK)
        tasks = self._data["tasks"] if self._has_nodes else []
        for entry in tasks:
            self._edge(entry["id"], VERDICT_TASK)
            for upstream in entry["upstream"]:
                self._edge(tasks[upstream]["id"], entry["id"])
            if not entry["upstream"]:
                self._edge(BUILD_TASK, entry["id"])

    def _edge(self, upstream: str, downstream: str) -> None:
        self._dag.get_task(upstream).downstream_task_ids.add(downstream)
        self._dag.get_task(downstream).upstream_task_ids.add(upstream)
