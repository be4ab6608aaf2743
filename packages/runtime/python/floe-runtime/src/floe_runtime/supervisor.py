"""Drives one run: phases and attempts. One thread owns all of its state."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from floe_runtime.attempt_progress import AttemptProgress
from floe_runtime.engine import Engine, EngineSettings
from floe_runtime.engine_messages import Exited, InvocationDone
from floe_runtime.engine_settings import engine_settings
from floe_runtime.engine_watch import EngineWatch, Inbox
from floe_runtime.kept_results import KeptResults
from floe_runtime.node_deadlines import NodeDeadlines
from floe_runtime.node_status import is_successful
from floe_runtime.phases import Phase, phases_of
from floe_runtime.plan import Plan
from floe_runtime.private_folder import make_private_folder
from floe_runtime.protocol import Ready, Refused
from floe_runtime.retry import nodes_to_retry, retry_delay
from floe_runtime.run_errors import (
    cannot_start,
    child_lost,
    defect,
    not_in_project,
    not_parsed,
    other_protocol,
    refusal,
)
from floe_runtime.run_events import RunEvent
from floe_runtime.run_journal import RunJournal
from floe_runtime.run_outcome import RunFacts, run_record
from floe_runtime.run_record import RunError, RunRecord, last_results
from floe_runtime.run_request import RunRequest

_READ_LOG = "Read the end of the log for what dbt said."


@dataclass(frozen=True)
class Surroundings:
    """What a run takes from outside; tests give their own."""

    environ: Mapping[str, str]
    inbox: Inbox
    redact: Callable[[str], str]
    random: Callable[[], float]
    clock: Callable[[], float] = time.monotonic
    cancel_grace: float = 10.0
    count_rows: bool | None = None


class Supervisor:
    """Not for use by adapters: see DbtRun."""

    def __init__(
        self,
        plan: Plan,
        request: RunRequest,
        ids: frozenset[str] | None,
        *,
        engine: Engine,
        emit: Callable[[RunEvent], None],
        around: Surroundings,
    ) -> None:
        """`emit` gets every event, from the thread that calls `run`."""
        self._plan = plan
        self._request = request
        self._engine = engine
        self._around = around
        wanted = ids if ids is not None else request.ids
        chosen = plan.ids if wanted is None else wanted
        self._ids = chosen if request.checks else chosen - plan.checks.keys()
        nodes = NodeDeadlines(request.node_timeout or plan.execution.node_timeout)
        self._journal = RunJournal(emit, around.redact, nodes, around.clock)
        self._watch = EngineWatch(
            engine, self._journal, nodes, inbox=around.inbox, clock=around.clock, grace=around.cancel_grace
        )
        self._settings: EngineSettings | None = None
        self._kept: KeptResults | None = None

    @property
    def ids(self) -> frozenset[str]:
        """What is planned."""
        return self._ids

    def cancel(self) -> None:
        """From any thread."""
        self._around.inbox.put(None)

    def run(self) -> RunRecord:
        """Runs to the end; the record is complete whatever happens."""
        started_at = _now()
        self._watch.start(self._request.timeout or self._plan.execution.timeout)
        private: Path | None = None
        try:
            private = make_private_folder()
            error = refusal(self._plan, self._request, self._ids) or self._start(private)
            if error is not None:
                self._journal.fail(error)
            elif self._await_ready():
                self._run_attempts()
        except Exception as error:
            self._journal.fail(defect(error))
        if self._settings is not None:
            self._watch.finish()
        if self._kept is not None:
            self._kept.prune()
        if private is not None:
            shutil.rmtree(private, ignore_errors=True)
        self._journal.close_attempt()
        return run_record(
            RunFacts(
                key=self._request.key,
                bundle_hash=self._plan.bundle_hash,
                planned=self._ids,
                attempts=tuple(self._journal.attempts),
                hooks=tuple(self._journal.hooks),
                ending=self._watch.ending,
                dbt_failed=self._journal.dbt_failed,
                error=self._journal.error,
                started_at=started_at,
                finished_at=_now(),
            )
        )

    def _start(self, private: Path) -> RunError | None:
        settings = engine_settings(
            self._plan,
            self._request,
            self._ids,
            private=private,
            environ=self._around.environ,
            grace=self._around.cancel_grace,
            count_rows=self._around.count_rows,
        )
        if isinstance(settings, RunError):
            return settings
        try:
            self._engine.start(settings, self._around.inbox.put)
        except OSError as error:
            return cannot_start(error)
        self._settings = settings
        self._kept = KeptResults(settings.data_dir, self._request.key)
        return None

    def _await_ready(self) -> bool:
        """True when the project is parsed and has every planned node."""
        while True:
            item = self._watch.receive()
            match item:
                case Exited():
                    self._child_lost()
                    return False
                case Refused():
                    self._journal.fail(other_protocol(item.reason))
                    self._watch.kill()
                    return False
                case InvocationDone():
                    if self._watch.ending is None:
                        self._journal.fail(not_parsed(item.failure))
                    return False
                case Ready() if item.absent:
                    self._journal.fail(not_in_project(item.absent))
                    return False
                case Ready():
                    return self._watch.ending is None
                case _:
                    self._journal.observe(item)

    def _run_attempts(self) -> None:
        policy = self._plan.execution.retries
        most = 1 + (policy.max if self._request.retries is None else self._request.retries)
        ids, delay, n = self._ids, 0.0, 1
        while True:
            self._attempt(n, delay, ids)
            if self._watch.stopped:
                return
            failure = self._journal.run_failure
            ids = nodes_to_retry(self._plan, self._ids, last_results(self._journal.attempts), policy, failure)
            n += 1
            delay = retry_delay(policy, n, self._around.random())
            if ids and n <= most and self._watch.would_pass(delay):
                self._journal.log(
                    "warning", f"no further attempt: its delay of {delay:.0f} s would pass the time limit"
                )
                ids = frozenset()
            if not ids or n > most:
                if failure is not None:
                    self._journal.fail(RunError("RUN_FAILED", failure, _READ_LOG))
                return
            self._journal.log("warning", f"{len(ids)} nodes run again in {delay:.1f} s")
            if not self._watch.wait(delay):
                self._child_lost()
                return

    def _attempt(self, n: int, delay: float, ids: frozenset[str]) -> None:
        progress = self._journal.begin_attempt(n, delay, ids)
        for phase in phases_of(self._plan, ids):
            todo = phase.ids - self._skip_after_failed_seeds(progress)
            while todo and self._invoke(Phase(phase.command, todo, phase.whole)):
                todo = self._left_by_deadlines(progress, todo)
            if self._watch.stopped or self._journal.run_failure is not None:
                break
        if not self._watch.stopped:
            self._journal.close_attempt()

    def _skip_after_failed_seeds(self, progress: AttemptProgress) -> frozenset[str]:
        results = [progress.result_of(seed) for seed in self._plan.seeds_first]
        failed = [result.id for result in results if result is not None and not is_successful(result.status)]
        behind = self._plan.dependents_of(failed) & progress.ids if failed else frozenset()
        self._journal.settle(behind, "skipped", "a seed that loads its source failed")
        return behind

    def _left_by_deadlines(self, progress: AttemptProgress, ids: frozenset[str]) -> frozenset[str]:
        """
        Where the engine cannot stop a single node, the invocation was ended for the sake of one: the rest, without
        what lies behind it, goes on in another invocation.
        """
        cut = self._journal.take_cut_nodes()
        if not cut:
            return frozenset()
        self._journal.settle(self._plan.dependents_of(cut), "skipped", "a node before it reached its time limit")
        return ids & progress.unfinished

    def _invoke(self, phase: Phase) -> bool:
        """One dbt invocation; True when dbt has returned and the run may go on."""
        self._engine.invoke(phase)
        while True:
            item = self._watch.receive()
            if isinstance(item, Exited):
                self._child_lost()
                return False
            if isinstance(item, InvocationDone):
                self._invocation_done(item)
                return self._watch.ending is None
            self._journal.observe(item)

    def _invocation_done(self, done: InvocationDone) -> None:
        self._journal.invocation_done(done)
        if self._kept is not None and self._settings is not None:
            self._kept.keep(self._settings.private_dir)
        if done.failure is None or self._watch.ending is not None or self._journal.cut_for:
            return
        if done.failure.kind == "interrupted":
            self._journal.fail(RunError("RUN_FAILED", "dbt was interrupted from outside", "Start the run again."))
            self._watch.end("stopped")
        else:
            self._journal.run_failure = self._journal.redacted(done.failure.message or "dbt failed")
            self._journal.log("error", self._journal.run_failure)

    def _child_lost(self) -> None:
        """The engine is gone although there was work left."""
        if self._watch.ending is not None or self._watch.exited is None or self._journal.error is not None:
            return
        output = self._journal.redacted(self._engine.output()).strip()
        self._journal.fail(child_lost(self._watch.exited.code, output))
        if output:
            self._journal.log("error", output[-4_000:])


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
