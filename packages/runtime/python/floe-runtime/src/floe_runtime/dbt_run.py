"""The public face: one run of dbt under supervision, with its events and its record."""

from __future__ import annotations

import os
import queue
import random as system_random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from types import TracebackType
from typing import Final

from floe_runtime.create_engine import create_engine
from floe_runtime.engine import Engine
from floe_runtime.observation import FLUSH_LIMIT, Observation, ObservedRun, ObserverSource, RunContext, describe_reports
from floe_runtime.plan import Plan
from floe_runtime.redact import create_redactor, secret_variables
from floe_runtime.run_events import LogLine, RunEvent
from floe_runtime.run_record import RunRecord
from floe_runtime.run_request import RunRequest
from floe_runtime.supervisor import Supervisor, Surroundings

CANCEL_GRACE: Final = 10.0
"""Seconds that dbt gets to cancel its queries before its processes are ended."""


class DbtRun:
    """
    Runs dbt over the planned nodes and reports each of them.

    Use it as a context manager and iterate `events()`; afterwards `record` says how it ended. It never throws for
    anything that dbt does. The time limit counts from the start of dbt over all attempts and holds whether or not
    anybody iterates. Leaving the block early cancels the run and leaves no process.
    """

    def __init__(
        self,
        plan: Plan,
        request: RunRequest,
        ids: frozenset[str] | None = None,
        *,
        log: Callable[[str, str], None] | None = None,
        engine: Engine | None = None,
        cancel_grace: float = CANCEL_GRACE,
        cancelled_flush: float = FLUSH_LIMIT,
        count_rows: bool | None = None,
        random: Callable[[], float] = system_random.random,
        environ: Mapping[str, str] = os.environ,
        observers: Sequence[ObserverSource] = (),
        context: RunContext | None = None,
    ) -> None:
        """
        `ids` are exact dbt unique_ids of nodes and checks; None takes the request's, else the whole plan.
        `log(level, text)` gets the run's log lines, but not those that repeat a node event, from the thread
        that iterates. `count_rows` asks for the rows of
        each table; None asks only where the adapter does not tell them (DuckDB, where it costs next to nothing).
        `observers` are told of the run, which never waits for them but for a few seconds at its end, or
        `cancelled_flush` when it was cancelled; `context` is what the orchestrator knows of the run.
        """
        self._log = log
        self._output: queue.SimpleQueue[RunEvent | None] = queue.SimpleQueue()
        self._observation = Observation(observers)
        self._cancelled_flush = cancelled_flush
        self._observed = (plan, request, context or RunContext())
        self._supervisor = Supervisor(
            plan,
            request,
            ids,
            engine=engine or create_engine(plan),
            emit=self._emit,
            around=Surroundings(
                environ=environ,
                inbox=queue.SimpleQueue(),
                redact=create_redactor(secret_variables(plan.dbt.profiles_dir), environ),
                random=random,
                cancel_grace=cancel_grace,
                count_rows=count_rows,
            ),
        )
        self._record: RunRecord | None = None
        self._thread = threading.Thread(target=self._supervise, name="floe-supervisor", daemon=True)

    def __enter__(self) -> DbtRun:
        """Starts dbt."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Cancels what still runs, and waits until it is gone."""
        if self._thread.is_alive():
            self.cancel()
            self._join()

    def events(self) -> Iterator[RunEvent]:
        """Every event once, in order; ends with the run, at the latest when the time limit and the grace are over."""
        while (event := self._output.get()) is not None:
            yield event
            if isinstance(event, LogLine):
                yield from self._write_log(event)

    def _write_log(self, line: LogLine) -> Iterator[LogLine]:
        # what dbt says about a node that is well, the node's own events say, too
        if self._log is None or (line.level == "info" and line.node_id is not None):
            return
        try:
            self._log(line.level, line.text)
        except Exception as error:
            # an observer that fails must not fail the run, nor be silent
            self._log = None
            yield LogLine("warning", f"the log of the run cannot be written: {type(error).__name__}")

    @property
    def record(self) -> RunRecord:
        """How the run ended; waits for its end."""
        self._join()
        if self._record is None:
            raise RuntimeError("the run has not been started: use DbtRun as a context manager")
        return self._record

    def cancel(self) -> None:
        """Ends the run: dbt cancels its queries, and after the grace its processes are ended. From any thread."""
        self._supervisor.cancel()

    def _emit(self, event: RunEvent) -> None:
        self._output.put(event)
        self._observation.tell(event)

    def _supervise(self) -> None:
        try:
            plan, request, context = self._observed
            started_at = datetime.now(timezone.utc).isoformat()
            self._observation.start(ObservedRun(plan, request, self._supervisor.ids, context, started_at))
            record = self._supervisor.run()
            limit = self._cancelled_flush if record.outcome == "cancelled" else FLUSH_LIMIT
            reports = self._observation.finish(record, limit)
            for line in describe_reports(reports):
                self._output.put(line)
            self._record = replace(record, observers=reports)
        finally:
            self._output.put(None)

    def _join(self) -> None:
        # in slices, so that an interrupt of the main thread is seen
        while self._thread.is_alive():
            self._thread.join(0.5)
