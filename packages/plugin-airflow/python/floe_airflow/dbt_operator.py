"""A task that runs dbt, in the floe runtime, and tells of every node as it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from airflow.providers.common.compat.sdk import AirflowFailException, AirflowTaskTimeout
from airflow.sdk import BaseOperator, Context
from floe_runtime.dbt_run import DbtRun
from floe_runtime.engine import Engine
from floe_runtime.load_observers import observers_of
from floe_runtime.plan import Plan
from floe_runtime.run_events import LogLine, NodeFinished, NodeStarted, RunEvent
from floe_runtime.run_record import NodeResult, RunRecord, last_results
from floe_runtime.run_request import RunRequest
from floe_runtime.ticking_events import ticking

from floe_airflow.definitions_data import DefinitionsData
from floe_airflow.describe_record import describe_record
from floe_airflow.observed_context import observed_context
from floe_airflow.run_report import RunReport
from floe_airflow.run_requests import request_of

RECORD_KEY: Final = "floe_record"
"""Of the XCom with the RunRecord."""
TIMEOUT_MARGIN: Final = 60
"""Seconds by which Airflow's own limit lies above floe's, so that floe's fires first."""
_CANCEL_GRACE: Final = 3.0
"""Seconds that dbt gets to cancel its queries: Airflow waits for 5 seconds until it ends the process by force."""
_CANCELLED_FLUSH: Final = 0.8
"""Seconds of the rest that traces and lineage get; what they could not send is kept. The record needs a moment, too."""


class DbtOperator(BaseOperator):
    """
    Ends well whenever dbt has run, also with failed nodes: Airflow keeps the asset events of a task only then. It fails
    when dbt could not run, or was cancelled.
    """

    def __init__(self, *, bundle: Path, data: DefinitionsData, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._bundle = bundle
        self._data = data
        self._run: DbtRun | None = None

    def pre_execute(self, context: Context) -> None:
        """Airflow's own limit follows the request's."""
        timeout = request_of(context).timeout or self._data["timeout"]
        self.execution_timeout = timedelta(seconds=timeout + TIMEOUT_MARGIN)

    def on_kill(self) -> None:
        """Airflow wants the task to end: dbt cancels its queries, and the record is written."""
        if self._run is not None:
            self._run.cancel()

    def run_dbt(
        self,
        context: Context,
        plan: Plan,
        request: RunRequest,
        ids: frozenset[str],
        *,
        engine: Engine | None = None,
        finished: Callable[[NodeResult], None] = lambda _result: None,
    ) -> RunRecord:
        """Runs the nodes; leaves the record in any case. `finished` hears of each result."""
        self._run = DbtRun(
            plan,
            request,
            ids,
            engine=engine,
            cancel_grace=_CANCEL_GRACE,
            cancelled_flush=_CANCELLED_FLUSH,
            observers=observers_of(plan),
            context=observed_context(context),
        )
        return self._follow(self._run, finished)

    def leave_record(self, context: Context, record: RunRecord) -> None:
        """Writes the record where the verdict and the client find it; fails unless dbt ran to its end."""
        value = json.loads(record.to_json())
        context["ti"].xcom_push(key=RECORD_KEY, value=value)
        if record.outcome == "cancelled" or not last_results(record.attempts):
            raise AirflowFailException(describe_record(value))
        self.log.info("dbt run %s", record.outcome)

    def _follow(self, run: DbtRun, finished: Callable[[NodeResult], None]) -> RunRecord:
        report = RunReport(self.log)
        is_cut = False
        try:
            with run:
                for event in ticking(run.events()):
                    _tell(report, event)
                    if isinstance(event, NodeFinished):
                        finished(event.result)
        except AirflowTaskTimeout:
            is_cut = True
        report.flush()
        return replace(run.record, outcome="timed_out") if is_cut else run.record


def _tell(report: RunReport, event: RunEvent | None) -> None:
    if event is None:
        report.flush()
    elif isinstance(event, NodeStarted):
        report.started(event.id)
    elif isinstance(event, NodeFinished):
        report.finished(event.result)
    elif isinstance(event, LogLine):
        report.line(event.level, event.text)
