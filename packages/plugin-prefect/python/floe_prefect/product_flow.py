"""The flow of a product: runs dbt once, in the floe runtime, and reports every node as it ends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from floe_runtime.create_engine import prepared_engine
from floe_runtime.dbt_run import DbtRun
from floe_runtime.engine import Engine
from floe_runtime.load_observers import observers_of
from floe_runtime.plan import Plan, PlanError
from prefect import Flow, flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.states import Failed

from floe_prefect.definitions_data import DefinitionsData, read_definitions_data
from floe_prefect.observed_context import observed_context
from floe_prefect.quiet_end import end_quietly
from floe_prefect.run_report import RunReport
from floe_prefect.run_request_of import request_of
from floe_prefect.run_summary import final_state
from floe_prefect.waiting_runs import end_covered_runs

_FLUSH_SECONDS: Final = 30.0
"""How long a run tries to write what it has to say; then Prefect is taken for gone."""
_HURRIED_SECONDS: Final = 5.0
"""The same for a run that somebody ends: Prefect kills it 30 seconds after it has asked."""


def build_product_flow(bundle: Path) -> Flow[[dict[str, Any] | None, str | None, str | None], State[Any]]:
    """The flow of the bundle's product."""
    data = read_definitions_data(bundle)
    engine = _engine_of_run(bundle)

    @flow(name=data["flow"], retries=0, persist_result=False, validate_parameters=True)
    def product_flow(
        floe: dict[str, Any] | None = None, job: str | None = None, trigger: str | None = None
    ) -> State[Any]:
        context = FlowRunContext.get()
        if context is None or context.flow_run is None:
            raise RuntimeError("The flow of a product is run by a deployment.")
        state = _run(data, bundle, context.flow_run, engine, {"floe": floe, "job": job, "trigger": trigger})
        if not state.is_completed():
            end_quietly()
        return state

    return product_flow


def _engine_of_run(bundle: Path) -> Engine | None:
    """In the process of a run, dbt's start goes on while Prefect prepares the run; None elsewhere."""
    if not os.environ.get("PREFECT__FLOW_RUN_ID"):
        return None
    try:
        return prepared_engine(Plan.read(bundle))
    except PlanError:
        # The run itself says it.
        return None


def _run(
    data: DefinitionsData, bundle: Path, flow_run: FlowRun, engine: Engine | None, parameters: dict[str, Any]
) -> State[Any]:
    try:
        request = request_of(data, str(flow_run.id), parameters["floe"], parameters["job"])
        plan = Plan.read(bundle)
    except ValueError as error:
        return Failed(message=str(error))
    report = RunReport(data, flow_run)
    trigger = parameters["trigger"]
    if trigger is not None and trigger.startswith("sensor:"):
        for line in end_covered_runs(flow_run, trigger):
            report.log("info", line)
    run = DbtRun(plan, request, engine=engine, observers=observers_of(plan), context=observed_context(flow_run))
    interrupted = True
    try:
        with run:
            for event in run.events():
                report.tell(event)
        interrupted = False
    finally:
        # Also after a cancellation: the record is the last word about the run.
        if interrupted:
            for event in run.events():
                report.tell(event)
        missing = report.close(run.record, _HURRIED_SECONDS if interrupted else _FLUSH_SECONDS)
    if missing is not None and run.record.outcome == "succeeded":
        return Failed(message=f"dbt has succeeded, but the record of the run could not be written: {missing}")
    return final_state(run.record)
