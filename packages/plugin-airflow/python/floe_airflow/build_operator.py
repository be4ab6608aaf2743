"""The task that does a product's work: runs dbt once, for all nodes of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.sdk import Context
from floe_runtime.airflow_nodes import generation_of
from floe_runtime.create_engine import prepared_engine
from floe_runtime.node_status import is_successful
from floe_runtime.plan import Plan
from floe_runtime.run_record import RunRecord, last_results
from floe_runtime.run_request import RunRequest
from floe_runtime.run_status import StatusWriter, status_folder

from floe_airflow.dbt_operator import DbtOperator
from floe_airflow.definitions_data import DefinitionsData
from floe_airflow.node_states import NodeStates
from floe_airflow.node_tasks import NodeTasks
from floe_airflow.product_assets import ProductAssets, event_extra, made_alias
from floe_airflow.run_requests import ids_of, request_of


class BuildOperator(DbtOperator):
    """Whether the run is green is the verdict's word."""

    ui_color = "#e4f0e2"

    def __init__(self, *, bundle: Path, data: DefinitionsData, is_run: bool, **kwargs: Any) -> None:
        """`is_run` in the process of the task, where dbt's start goes on while Airflow prepares the task."""
        super().__init__(bundle=bundle, data=data, outlets=[made_alias(data)], **kwargs)
        self._engine = prepared_engine(Plan.read(bundle)) if is_run else None

    def execute(self, context: Context) -> None:
        """Runs dbt over what the run is for, or what is left of it after it was cleared."""
        plan = Plan.read(self._bundle)
        request = request_of(context)
        ids = ids_of(request, context["dag_run"].conf, self._data, plan)
        if self._data["granularity"] == "build":
            record = self.run_dbt(context, plan, request, ids, engine=self._engine)
        else:
            record = self._run_with_status(context, plan, request, ids)
        self.leave_record(context, record)
        self._add_events(context, record)

    def _run_with_status(self, context: Context, plan: Plan, request: RunRequest, ids: frozenset[str]) -> RunRecord:
        tasks = NodeTasks(self._data)
        left = tasks.left_of(ids, context)
        run = context["dag_run"]
        folder = status_folder(self._data["status_url"], run.dag_id, run.run_id, generation_of(run.start_date))
        writer = StatusWriter(folder, self.log.warning)
        retries = plan.execution.retries.max if request.retries is None else request.retries
        states = NodeStates(tasks, left, writer.put, may_retry=retries > 0)
        try:
            record = self.run_dbt(context, plan, request, left, engine=self._engine, finished=states.finished)
            states.close(record)
            return record
        finally:
            writer.close()

    def _add_events(self, context: Context, record: RunRecord) -> None:
        """Asset events: for what was made only."""
        assets = ProductAssets(self._data)
        events = context["outlet_events"][made_alias(self._data)]
        for result in last_results(record.attempts).values():
            asset = assets.get(result.id)
            if asset is not None and is_successful(result.status):
                events.add(asset, extra=event_extra(result, record.key))
        if record.outcome == "succeeded":
            events.add(assets.product(), extra={"floe": {"key": record.key, "counts": dict(record.counts)}})
