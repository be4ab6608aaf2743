"""The task of a node: starts and ends in the triggerer, as the build says; runs dbt itself only when cleared alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException
from airflow.sdk import Asset, Context
from airflow.triggers.base import StartTriggerArgs
from floe_runtime.node_status import is_successful
from floe_runtime.plan import Plan
from floe_runtime.run_record import last_results

from floe_airflow.dbt_operator import DbtOperator
from floe_airflow.definitions_data import DefinitionsData
from floe_airflow.describe_record import describe_record
from floe_airflow.node_tasks import NodeTasks
from floe_airflow.product_assets import event_extra
from floe_airflow.run_requests import ids_of, request_of


class NodeOperator(DbtOperator):
    """Takes no worker while the product is built."""

    ui_color = "#e2e8f0"
    start_from_trigger = True

    def __init__(self, *, bundle: Path, data: DefinitionsData, build_task: str, asset: Asset, **kwargs: Any) -> None:
        super().__init__(bundle=bundle, data=data, outlets=[asset], **kwargs)
        self._asset = asset
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="floe_runtime.airflow_nodes.NodeTrigger",
            trigger_kwargs={"status_url": data["status_url"], "build": build_task},
            next_method="run_alone",
        )

    def execute(self, context: Context) -> None:
        """Never: Airflow starts the task in the triggerer."""
        raise AirflowFailException("This Airflow does not start tasks from triggers: floe needs 3.3 for node tasks.")

    def run_alone(self, context: Context, event: object = None) -> None:
        """The task was cleared alone: dbt builds the node and its tests, and nothing else."""
        plan = Plan.read(self._bundle)
        request = request_of(context)
        asset, parts = NodeTasks(self._data).by_id[self.task_id]
        ids = parts & ids_of(request, context["dag_run"].conf, self._data, plan)
        record = self.run_dbt(context, plan, request, ids)
        self.leave_record(context, record)
        if record.outcome != "succeeded":
            raise AirflowFailException(describe_record(record.to_dict()))
        for result in last_results(record.attempts).values():
            if result.id == asset and is_successful(result.status):
                context["outlet_events"][self._asset].extra = event_extra(result, record.key)
