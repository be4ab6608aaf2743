"""Drives one run: phases, attempts, deadlines, endings. One thread owns all of its state."""

from __future__ import annotations

import contextlib
import queue
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Final, Protocol

from floe_runtime.attempt_progress import AttemptProgress
from floe_runtime.ending import Ladder
from floe_runtime.engine import Engine
from floe_runtime.engine_messages import (
    EngineItem,
    Exited,
    Finished,
    Hook,
    InvocationDone,
    Log,
    Started,
)
from floe_runtime.engine_settings import engine_settings
from floe_runtime.node_deadlines import NodeDeadlines
from floe_runtime.node_status import is_successful, node_status_of
from floe_runtime.phases import Phase, phases_of
from floe_runtime.plan import Plan
from floe_runtime.protocol import Hello, NotUnderstood, Ready, Refused
from floe_runtime.retry import nodes_to_retry, retry_delay
from floe_runtime.run_events import AttemptStarted, LogLevel, LogLine, NodeFinished, RunEvent
from floe_runtime.run_outcome import Ending, RunFacts, run_record
from floe_runtime.run_record import Attempt, HookResult, RunError, RunRecord, last_results
from floe_runtime.run_request import RunRequest

FINISH_LIMIT: Final = 15.0
"""Seconds that dbt gets to close its connections after its last work."""


class Inbox(Protocol):
    """What arrives for the supervisor: items of the engine, None for a wish to cancel."""

    def put(self, item: EngineItem | None) -> None:
        """From any thread."""

    def get(self, *, timeout: float) -> EngineItem | None:
        """Raises queue.Empty after the timeout in seconds."""


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
        self._emit = emit
        self._around = around
        wanted = ids if ids is not None else request.ids
        chosen = plan.ids if wanted is None else wanted
        self._ids = chosen if request.checks else chosen - plan.checks.keys()
        self._timeout = request.timeout or plan.execution.timeout
        self._deadline = float("inf")
        self._nodes = NodeDeadlines(request.node_timeout or plan.execution.node_timeout)
        self._ladder = Ladder(around.cancel_grace)
        self._ending: Ending | None = None
        self._started = False
        self._work_is_over = False
        self._exited: Exited | None = None
        self._error: RunError | None = None
        self._dbt_failed = False
        self._run_failure: str | None = None
        self._progress: AttemptProgress | None = None
        self._attempts: list[Attempt] = []
        self._hooks: list[HookResult] = []
        self._phase_hooks: dict[str, HookResult] = {}
        self._cut_after_deadline: set[str] = set()

    def cancel(self) -> None:
        """From any thread."""
        self._around.inbox.put(None)

    def run(self) -> RunRecord:
        """Runs to the end; the record is complete whatever happens."""
        started_at = _now()
        self._deadline = self._around.clock() + self._timeout
        private: Path | None = None
        try:
            private = Path(tempfile.mkdtemp(prefix="floe-run-"))
            self._error = self._refusal()
            if self._error is None:
                self._execute(private)
        except Exception as error:
            self._fail("INTERNAL", f"{type(error).__name__}: {error}", "Report this as a defect of floe.")
        self._end_engine()
        if private is not None:
            shutil.rmtree(private, ignore_errors=True)
        self._close_attempt()
        return run_record(
            RunFacts(
                key=self._request.key,
                bundle_hash=self._plan.bundle_hash,
                planned=self._ids,
                attempts=tuple(self._attempts),
                hooks=tuple(self._hooks),
                ending=self._ending,
                dbt_failed=self._dbt_failed,
                error=self._error,
                started_at=started_at,
                finished_at=_now(),
            )
        )

    # -- the run

    def _refusal(self) -> RunError | None:
        expected, actual = self._request.bundle_hash, self._plan.bundle_hash
        again = "Deploy the product again, then start the run."
        if expected is not None and actual is not None and expected != actual:
            message = f"the run was planned with bundle {expected}, deployed is {actual}"
            return RunError("DEPLOYMENT_STALE", message, again)
        unknown = sorted(self._ids - self._plan.ids)
        if unknown:
            message = f"{len(unknown)} of the wanted nodes are not in the deployed product, for example {unknown[0]}"
            return RunError("DEPLOYMENT_STALE", message, again)
        if not self._ids:
            return RunError("SELECTION_EMPTY", "the run has no nodes", "Select at least one node.")
        return None

    def _execute(self, private: Path) -> None:
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
            self._fail(settings.code, settings.message, settings.resolution)
            return
        try:
            self._started = True
            self._engine.start(settings, self._around.inbox.put)
        except OSError as error:
            self._started = False
            self._fail(
                "PYTHON_ENVIRONMENT_FAILED",
                f"cannot start dbt: {error.filename or ''}: {error.strerror or error}",
                "Check execution.dbt.python: it names a Python interpreter that has dbt and floe-dbt installed.",
            )
            return
        if self._await_ready():
            self._run_attempts()

    def _run_attempts(self) -> None:
        policy = self._plan.execution.retries
        most = policy.max if self._request.retries is None else self._request.retries
        ids, delay, n = self._ids, 0.0, 1
        while True:
            self._attempt(n, delay, ids)
            if self._ending is not None or self._exited is not None:
                return
            failure = self._run_failure
            ids = nodes_to_retry(self._plan, self._ids, last_results(self._attempts), policy, failure)
            n += 1
            delay = retry_delay(policy, n, self._around.random())
            if ids and n <= most + 1 and self._around.clock() + delay >= self._deadline:
                self._log("warning", f"no further attempt: its delay of {delay:.0f} s would pass the time limit")
                ids = frozenset()
            if not ids or n > most + 1:
                if failure is not None:
                    self._fail("RUN_FAILED", failure, "Read the end of the log for what dbt said.")
                return
            self._log("warning", f"{len(ids)} nodes run again in {delay:.1f} s")
            if not self._wait(delay):
                return

    def _await_ready(self) -> bool:
        """True when the project is parsed and has every planned node."""
        while True:
            item = self._receive()
            match item:
                case Exited():
                    self._child_lost()
                    return False
                case Refused():
                    self._fail("PLUGIN_INCOMPATIBLE", item.reason, "Install the same version of both packages.")
                    self._ladder.begin(self._around.clock(), "kill")
                    return False
                case InvocationDone():
                    if self._ending is None:
                        message = item.failure.message if item.failure is not None else "dbt cannot parse the project"
                        self._fail("DBT_PARSE_FAILED", message, "Mend the project; `dbt parse` shows the same error.")
                    return False
                case Ready() if item.absent:
                    self._fail(
                        "DBT_MANIFEST_MISMATCH",
                        f"with this target and these variables, {len(item.absent)} planned nodes are not in the dbt "
                        f"project, for example {item.absent[0]}",
                        "Compile and deploy the product with the target and variables that the run uses.",
                    )
                    return False
                case Ready():
                    return self._ending is None
                case _:
                    self._observe(item)

    def _attempt(self, n: int, delay: float, ids: frozenset[str]) -> None:
        self._dbt_failed, self._run_failure = False, None
        self._progress = progress = AttemptProgress(n, delay, ids, self._around.redact)
        self._emit(AttemptStarted(n, delay, ids))
        for phase in phases_of(self._plan, ids):
            todo = phase.ids - self._skip_after_failed_seeds(progress)
            while todo and self._invoke(Phase(phase.command, todo, phase.whole)):
                todo = self._left_by_deadlines(progress, todo)
            if self._ending is not None or self._exited is not None or self._run_failure is not None:
                break
        if self._ending is None and self._exited is None:
            self._close_attempt()

    def _skip_after_failed_seeds(self, progress: AttemptProgress) -> frozenset[str]:
        results = [progress.result_of(seed) for seed in self._plan.seeds_first]
        failed = [result.id for result in results if result is not None and not is_successful(result.status)]
        behind = self._plan.dependents_of(failed) & progress.ids if failed else frozenset()
        self._emit_all(progress.settle(behind, "skipped", "a seed that loads its source failed"))
        return behind

    def _left_by_deadlines(self, progress: AttemptProgress, ids: frozenset[str]) -> frozenset[str]:
        """
        Where the engine cannot stop a single node, the invocation was ended for the sake of one: the rest, without
        what lies behind it, goes on in another invocation.
        """
        if not self._cut_after_deadline:
            return frozenset()
        cut, self._cut_after_deadline = self._cut_after_deadline, set()
        self._emit_all(progress.settle(cut, "failed", self._overdue_message()))
        behind = self._plan.dependents_of(cut) & progress.ids
        self._emit_all(progress.settle(behind, "skipped", "a node before it reached its time limit"))
        progress.forget(node for node in progress.cancelled if node in ids)
        self._run_failure = None
        return ids & progress.unfinished

    def _invoke(self, phase: Phase) -> bool:
        """One dbt invocation; True when dbt has returned and the run may go on."""
        self._engine.invoke(phase)
        while True:
            item = self._receive()
            if isinstance(item, Exited):
                self._child_lost()
                return False
            if isinstance(item, InvocationDone):
                self._invocation_done(item)
                return self._ending is None
            self._observe(item)

    def _invocation_done(self, done: InvocationDone) -> None:
        for leftover in done.leftovers:
            self._node_finished(leftover)
        for hook in done.hooks:
            self._hook(hook)
        self._hooks += self._phase_hooks.values()
        self._phase_hooks = {}
        self._nodes.clear()
        self._dbt_failed = self._dbt_failed or not done.success
        if done.failure is not None and self._ending is None and not self._cut_after_deadline:
            interrupted = done.failure.kind == "interrupted"
            self._run_failure = self._around.redact(
                "dbt was interrupted from outside" if interrupted else done.failure.message or "dbt failed"
            )
            self._log("error", self._run_failure)
            if interrupted:
                self._fail("RUN_FAILED", self._run_failure, "Start the run again.")
                self._end("stopped")

    # -- messages

    def _observe(self, item: EngineItem | None) -> None:
        """Takes a message that does not steer the run."""
        match item:
            case Started():
                self._node_started(item)
            case Finished():
                self._node_finished(item)
            case Hook():
                self._hook(item)
            case Log():
                self._log(item.level, item.text, item.node_id)
            case NotUnderstood() if item.text.strip():
                self._log("warning", f"not understood: {item.text[:500]}")
            case Hello():
                self._log("info", f"Running with dbt {item.dbt_version[:40]}")
            case _:
                pass

    def _node_started(self, message: Started) -> None:
        if self._progress is None:
            return
        if message.id in self._progress.unfinished:
            self._nodes.start(message.id, self._around.clock())
        event = self._progress.started(message)
        if event is not None:
            self._emit(event)

    def _node_finished(self, message: Finished) -> None:
        if self._progress is None:
            return
        running = message.id in self._progress.running
        failed = node_status_of(message.dbt_status) == "failed"
        if failed and self._nodes.is_stopping(message.id):
            event = self._progress.finished(message, ("failed", self._overdue_message()))
        elif failed and running and (self._ending is not None or self._cut_after_deadline):
            event = self._progress.finished(message, ("cancelled", "the run was ended while this node ran"))
        else:
            event = self._progress.finished(message)
        if message.id not in self._progress.running:
            self._nodes.end(message.id)
        if event is not None and not (event.result.status == "cancelled" and self._cut_after_deadline):
            self._emit(event)

    def _overdue_message(self) -> str:
        return f"stopped by its time limit of {self._nodes.limit or 0:g} s"

    def _hook(self, hook: Hook) -> None:
        message = self._around.redact(hook.message)[:2_000] if hook.message else None
        self._phase_hooks[hook.id] = HookResult(hook.name, node_status_of(hook.dbt_status), message)

    # -- time and endings

    def _receive(self, until: float = float("inf")) -> EngineItem | None:
        """The next item of the engine; None when `until` has come. Keeps every deadline on the way."""
        while self._exited is None:
            now = self._around.clock()
            self._keep_deadlines(now)
            if now >= until or self._exited is not None:
                break
            due = min(until, self._ladder.due, self._nodes.next_due(), now + 3_600)
            if self._ending is None:
                due = min(due, self._deadline)
            try:
                item = self._around.inbox.get(timeout=max(due - now, 0.001))
            except queue.Empty:
                continue
            if item is None:
                self._end("cancelled")
            elif isinstance(item, Exited):
                self._exited = item
            else:
                return item
        return self._exited

    def _keep_deadlines(self, now: float) -> None:
        if now >= self._deadline and self._ending is None:
            self._log("error", f"the run reached its time limit of {self._timeout:g} s")
            self._end("timed_out")
        for node_id in self._nodes.take_overdue(now):
            self._log("warning", f"{node_id} reached its time limit of {self._nodes.limit or 0:g} s", node_id)
            self._stop_node(node_id)
        stuck = self._nodes.stuck(now)
        if stuck is not None and self._ending is None:
            self._fail("RUN_FAILED", f"{stuck} did not stop at its time limit", "Raise node_timeout, or mend the node.")
            self._end("stopped")
        match self._ladder.take(now):
            case "interrupt":
                self._engine.interrupt()
            case "terminate":
                self._engine.terminate()
            case "kill":
                self._engine.kill()
            case "give up":
                self._exited = Exited(None)

    def _stop_node(self, node_id: str) -> None:
        if self._engine.cancels_nodes:
            self._engine.cancel_node(node_id)
        else:
            if not self._cut_after_deadline:
                self._engine.interrupt()
            self._cut_after_deadline.add(node_id)

    def _end(self, ending: Ending) -> None:
        if self._ending is None and not self._work_is_over:
            self._ending = ending
            self._ladder.begin(self._around.clock())

    def _wait(self, seconds: float) -> bool:
        """Waits between attempts; False when the run has to end."""
        until = self._around.clock() + seconds
        while (item := self._receive(until)) is not None:
            if isinstance(item, Exited):
                self._child_lost()
                return False
            self._observe(item)
        return self._ending is None

    def _end_engine(self) -> None:
        """No process is left after this."""
        with contextlib.suppress(Exception):
            self._engine.finish()
        self._work_is_over = True
        self._deadline = float("inf")
        self._ladder.allow(self._around.clock(), FINISH_LIMIT)
        while self._started and self._exited is None:
            try:
                item = self._receive()
                if isinstance(item, InvocationDone):
                    self._invocation_done(item)
                else:
                    self._observe(item)
            except Exception as error:
                self._fail("INTERNAL", f"{type(error).__name__}: {error}", "Report this as a defect of floe.")

    def _child_lost(self) -> None:
        """The child ended although there was work left."""
        if self._ending is not None or self._error is not None:
            return
        code = self._exited.code if self._exited is not None else None
        tail = self._around.redact(self._engine.output()).strip()
        last = f": {tail.splitlines()[-1][:500]}" if tail else ""
        if "No module named" in last:
            self._fail(
                "PYTHON_ENVIRONMENT_FAILED",
                f"dbt cannot start{last}",
                "Install dbt, its adapter and floe-dbt into the Python that execution.dbt.python names.",
            )
        else:
            how = "was lost" if code is None else f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
            next_step = "Look for a memory limit and for whoever ends processes, then start the run again."
            self._fail("RUN_LOST", f"the dbt process {how}{last}", next_step)
        if tail:
            self._log("error", tail[-4_000:])

    def _close_attempt(self) -> None:
        if self._progress is None:
            return
        progress, self._progress = self._progress, None
        ended = "the run was ended while this node ran"
        lost = "the dbt process ended while this node ran"
        self._emit_all(progress.settle(progress.running, "cancelled", ended if self._ending is not None else lost))
        self._attempts.append(progress.close())
        self._hooks += self._phase_hooks.values()
        self._phase_hooks = {}
        if progress.unplanned_failures and self._dbt_failed:
            node_id, message = next(iter(progress.unplanned_failures.items()))
            self._run_failure = self._run_failure or f"{node_id}: {message}"

    # -- telling

    def _fail(self, code: str, message: str, resolution: str) -> None:
        if self._error is None:
            self._error = RunError(code, self._around.redact(message)[:2_000], resolution)
            self._log("error", self._error.message)

    def _log(self, level: LogLevel, text: str, node_id: str | None = None) -> None:
        self._emit(LogLine(level, self._around.redact(text), node_id))

    def _emit_all(self, events: Iterable[NodeFinished]) -> None:
        for event in events:
            self._emit(event)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
