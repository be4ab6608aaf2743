"""Puts the DAGs of a product together."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from airflow.sdk import DAG, get_parsing_context

from floe_airflow.build_operator import TIMEOUT_MARGIN, BuildOperator
from floe_airflow.definitions_data import DefinitionsData, read_bundle_hash, read_definitions_data
from floe_airflow.product_assets import ProductAssets
from floe_airflow.trigger_dags import trigger_dags
from floe_airflow.verdict_operator import VerdictOperator

BUILD_TASK: Final = "build"
VERDICT_TASK: Final = "verdict"
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
    dags = [] if wanted not in (None, data["dag_id"]) else [_main_dag(bundle, data, arguments, context.task_id)]
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


def _main_dag(bundle: Path, data: DefinitionsData, arguments: dict[str, Any], only: str | None) -> DAG:
    dag = DAG(
        dag_id=data["dag_id"],
        description=data["description"] or None,
        schedule=None,
        is_paused_upon_creation=False,
        dagrun_timeout=timedelta(seconds=data["dagrun_timeout"]),
        **arguments,
    )
    if only in (None, BUILD_TASK):
        BuildOperator(
            task_id=BUILD_TASK,
            bundle=bundle,
            data=data,
            is_run=only is not None,
            retries=data["restarts"],
            retry_delay=_RESTART_DELAY,
            execution_timeout=timedelta(seconds=data["timeout"] + TIMEOUT_MARGIN),
            do_xcom_push=False,
            dag=dag,
        )
    if only in (None, VERDICT_TASK):
        assets = ProductAssets(data)
        VerdictOperator(
            task_id=VERDICT_TASK,
            build_task=BUILD_TASK,
            inlets=assets.sources() if only is None else [],
            outlets=assets.made() if only is None else [],
            doc_md=assets.table() if only is None else None,
            trigger_rule="all_done",
            retries=0,
            do_xcom_push=False,
            dag=dag,
        )
    if only is None:
        dag.get_task(BUILD_TASK).set_downstream(dag.get_task(VERDICT_TASK))
    return dag
