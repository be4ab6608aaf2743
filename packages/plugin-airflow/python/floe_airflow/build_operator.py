"""The task that does a product's work: runs dbt once, in the floe runtime, and tells of every node as it ends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from airflow.providers.common.compat.sdk import AirflowFailException, AirflowTaskTimeout
from airflow.sdk import BaseOperator, Context
from floe_runtime.create_engine import prepared_engine
from floe_runtime.dbt_run import DbtRun
from floe_runtime.load_observers import observers_of
from floe_runtime.node_status import is_successful
from floe_runtime.plan import Plan
from floe_runtime.run_events import LogLine, NodeFinished, NodeStarted, RunEvent
from floe_runtime.run_record import RunRecord, last_results
from floe_runtime.ticking_events import ticking

from floe_airflow.definitions_data import DefinitionsData
from floe_airflow.describe_record import describe_record
from floe_airflow.observed_context import observed_context
from floe_airflow.product_assets import ProductAssets, made_alias
from floe_airflow.run_report import RunReport
from floe_airflow.run_requests import ids_of, request_of

RECORD_KEY: Final = "floe_record"
"""Of the XCom with the RunRecord."""
TIMEOUT_MARGIN: Final = 60
"""Seconds by which Airflow's own limit lies above floe's, so that floe's fires first."""
_CANCEL_GRACE: Final = 4.0
"""Seconds that dbt gets to cancel its queries: Airflow waits for 5 seconds until it ends the process by force."""


class BuildOperator(BaseOperator):
    """
    Ends well whenever dbt has run, also with failed nodes: Airflow keeps the asset events of a task only then. Whether
    the run is green is the verdict's word.
    """

    ui_color = "#e4f0e2"

    def __init__(self, *, bundle: Path, data: DefinitionsData, is_run: bool, **kwargs: Any) -> None:
        """`is_run` in the process of the task, where dbt's start goes on while Airflow prepares the task."""
        super().__init__(outlets=[made_alias(data)], **kwargs)
        self._bundle = bundle
        self._data = data
        self._engine = prepared_engine(Plan.read(bundle)) if is_run else None
        self._run: DbtRun | None = None

    def pre_execute(self, context: Context) -> None:
        """Airflow's own limit follows the request's."""
        timeout = request_of(context).timeout or self._data["timeout"]
        self.execution_timeout = timedelta(seconds=timeout + TIMEOUT_MARGIN)

    def execute(self, context: Context) -> None:
        """Runs dbt; writes the record in any case."""
        plan = Plan.read(self._bundle)
        request = request_of(context)
        self._run = DbtRun(
            plan,
            request,
            ids_of(request, context["dag_run"].conf, self._data, plan),
            engine=self._engine,
            cancel_grace=_CANCEL_GRACE,
            observers=observers_of(plan),
            context=observed_context(context),
        )
        record = self._follow(self._run)
        value = json.loads(record.to_json())
        context["ti"].xcom_push(key=RECORD_KEY, value=value)
        results = last_results(record.attempts)
        if record.outcome == "cancelled" or not results:
            raise AirflowFailException(describe_record(value))
        self._add_events(context, record)
        self.log.info("dbt run %s", record.outcome)

    def on_kill(self) -> None:
        """Airflow wants the task to end: dbt cancels its queries, and the record is written."""
        if self._run is not None:
            self._run.cancel()

    def _follow(self, run: DbtRun) -> RunRecord:
        report = RunReport(self.log)
        is_cut = False
        try:
            with run:
                for event in ticking(run.events()):
                    _tell(report, event)
        except AirflowTaskTimeout:
            is_cut = True
        report.flush()
        return replace(run.record, outcome="timed_out") if is_cut else run.record

    def _add_events(self, context: Context, record: RunRecord) -> None:
        """Asset events: for what was made only."""
        assets = ProductAssets(self._data)
        events = context["outlet_events"][made_alias(self._data)]
        for result in last_results(record.attempts).values():
            asset = assets.get(result.id)
            if asset is None or not is_successful(result.status):
                continue
            extra = {"node": result.id, "status": result.status, "key": record.key}
            numbers = {"seconds": result.seconds, "rows": result.rows}
            known = {name: value for name, value in numbers.items() if value is not None}
            events.add(asset, extra={"floe": {**extra, **known}})
        if record.outcome == "succeeded":
            events.add(assets.product(), extra={"floe": {"key": record.key, "counts": dict(record.counts)}})


def _tell(report: RunReport, event: RunEvent | None) -> None:
    if event is None:
        report.flush()
    elif isinstance(event, NodeStarted):
        report.started(event.id)
    elif isinstance(event, NodeFinished):
        report.finished(event.result)
    elif isinstance(event, LogLine):
        report.line(event.level, event.text)
