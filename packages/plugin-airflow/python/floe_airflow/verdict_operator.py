"""The task that says whether a run was green, by the record that `build` left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException
from airflow.sdk import BaseOperator, Context
from floe_runtime.plan import Plan

from floe_airflow.dbt_operator import RECORD_KEY
from floe_airflow.definitions_data import DefinitionsData
from floe_airflow.describe_record import describe_record
from floe_airflow.node_tasks import NodeTasks
from floe_airflow.run_requests import ids_of, request_of

_SHOWN = 5


class VerdictOperator(BaseOperator):
    """
    Fails when anything failed or is missing; else it is skipped, so that it gives no asset event itself: it carries
    the assets of the product only to let Airflow show them before the first run.
    """

    ui_color = "#f0ede2"

    def __init__(self, *, bundle: Path, data: DefinitionsData, build_task: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._bundle = bundle
        self._data = data
        self._build_task = build_task

    def execute(self, context: Context) -> None:
        """Never ends in success."""
        record = context["ti"].xcom_pull(task_ids=self._build_task, key=RECORD_KEY)
        if not isinstance(record, dict):
            raise AirflowFailException(
                f"The run is lost: {self._build_task} left no record. Its log and the health of its worker say more."
            )
        is_green = record["outcome"] == "succeeded" and not record["missing"]
        if self._data["granularity"] == "node":
            problems = list(self._problems(context, record))
            if problems:
                raise AirflowFailException("\n".join([describe_record(record), *problems]))
            is_green = record["error"] is None
        if is_green:
            raise AirflowSkipException(f"Every planned node is done ({record['planned']}).")
        raise AirflowFailException(describe_record(record))

    def _problems(self, context: Context, record: Mapping[str, Any]) -> Iterator[str]:
        """
        What keeps a run with node tasks from being green: nodes may have been cleared and built since the record was
        written, or by several builds; so the tasks count, and of the record what no task stands for.
        """
        tasks = NodeTasks(self._data)
        ids = ids_of(request_of(context), context["dag_run"].conf, self._data, Plan.read(self._bundle))
        last = {node["id"]: node["status"] for attempt in record["attempts"] for node in attempt["nodes"]}
        good = {unique_id for unique_id, status in last.items() if status in ("succeeded", "warned")}
        states = tasks.states_of(context, tasks.tasks_of(ids))
        # A task that was not cleared together with the build shows its old state, although dbt has built it since.
        open_tasks = [
            task for task, state in states.items() if state != "success" and not tasks.by_id[task][1] & ids <= good
        ]
        loose = [unique_id for unique_id in sorted(ids - tasks.task_of.keys()) if unique_id not in good]
        for kind, names in (("node tasks", open_tasks), ("tests", loose)):
            if names:
                more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
                yield f"not successful {kind}: {', '.join(names[:_SHOWN])}{more}"
