"""Drives one run: phases, attempts, deadlines, cancel ladder. One thread owns all of its state."""

from __future__ import annotations

import contextlib
import queue
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Final, Literal

from floe_runtime.attempt_progress import AttemptProgress
from floe_runtime.data_directory import DATA_DIRECTORY_VARIABLE, data_directory
from floe_runtime.engine import Engine, EngineItem, EngineSettings, Exited
from floe_runtime.node_status import is_successful, node_status_of
from floe_runtime.partial_parse import partial_parse_folder
from floe_runtime.phases import Phase, phases_of
from floe_runtime.plan import Plan
from floe_runtime.protocol import (
    Counted,
    Finished,
    Hello,
    Hook,
    InvocationDone,
    Log,
    NotUnderstood,
    Ready,
    Refused,
    Started,
)
from floe_runtime.redact import create_redactor, secret_variables
from floe_runtime.retry import nodes_to_retry, retry_delay
from floe_runtime.run_events import AttemptStarted, LogLine, NodeFinished, RunEvent
from floe_runtime.run_record import (
    Attempt,
    HookResult,
    NodeResult,
    RunError,
    RunOutcome,
    RunRecord,
    count_statuses,
    last_results,
)
from floe_runtime.run_request import RunRequest

TERMINATE_TO_KILL: Final = 2.0
"""Seconds between ending the processes and killing them."""
KILL_TO_GIVING_UP: Final = 3.0
FINISH_LIMIT: Final = 15.0
"""Seconds that the child gets to close its connections after its last work."""
NODE_CANCEL_LIMIT: Final = 15.0
"""Seconds that a node gets to end after its query was cancelled; then the whole run ends."""

Ending = Literal["cancelled", "timed_out", "failed"]


@dataclass
class _Ladder:
    """The next step of ending the child, and when it is due."""

    step: Literal["terminate", "kill", "give up"]
    due: float


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
        cancel_grace: float,
        random: Callable[[], float],
        environ: Mapping[str, str],
    ) -> None:
        self._plan = plan
        self._request = request
        self._engine = engine
        self._emit = emit
        self._grace = cancel_grace
        self._random = random
        self._environ = environ
        wanted = ids if ids is not None else request.ids
        chosen = plan.ids if wanted is None else wanted
        self._ids = chosen if request.checks else chosen - plan.checks.keys()
        self._inbox: queue.SimpleQueue[EngineItem | None] = queue.SimpleQueue()
        self._redact = create_redactor(secret_variables(plan.dbt.profiles_dir), environ)
        self._timeout = request.timeout or plan.execution.timeout
        self._node_timeout = request.node_timeout or plan.execution.node_timeout
        self._deadline = float("inf")
        self._ladder: _Ladder | None = None
        self._ending: Ending | None = None
        self._exited: Exited | None = None
        self._error: RunError | None = None
        self._dbt_failed = False
        self._progress: AttemptProgress | None = None
        self._attempts: list[Attempt] = []
        self._hooks: list[HookResult] = []
        self._node_deadlines: dict[str, float] = {}
        self._overdue: dict[str, float] = {}
        self._finishing: float | None = None

    def cancel(self) -> None:
        """From any thread."""
        self._inbox.put(None)

    def run(self) -> RunRecord:
        """Runs to the end; the record is complete whatever happens."""
        started_at = _now()
        self._deadline = time.monotonic() + self._timeout
        private: Path | None = None
        try:
            private = Path(tempfile.mkdtemp(prefix="floe-run-"))
            self._error = self._refusal()
            if self._error is None:
                self._execute(private)
        except Exception as error:
            self._fail(
                "INTERNAL", f"floe_runtime failed: {type(error).__name__}: {error}", "Report this as a defect of floe."
            )
        finally:
            self._end_engine()
            if private is not None:
                shutil.rmtree(private, ignore_errors=True)
        if self._progress is not None:
            self._close_attempt()
        return self._record(started_at)

    # -- the run ------------------------------------------------------------------------------------------------

    def _refusal(self) -> RunError | None:
        expected, actual = self._request.bundle_hash, self._plan.bundle_hash
        if expected is not None and actual is not None and expected != actual:
            return RunError(
                "DEPLOYMENT_STALE",
                f"the run was planned with bundle {expected}, deployed is {actual}",
                "Deploy the product again, then start the run.",
            )
        unknown = sorted(self._ids - self._plan.ids)
        if unknown:
            return RunError(
                "DEPLOYMENT_STALE",
                f"{len(unknown)} of the wanted nodes are not in the deployed product, for example {unknown[0]}",
                "Deploy the product again, then start the run.",
            )
        if not self._ids:
            return RunError("SELECTION_EMPTY", "the run has no nodes", "Select at least one node.")
        return None

    def _execute(self, private: Path) -> None:
        settings = self._settings(private)
        if settings is None:
            return
        try:
            self._engine.start(settings, self._inbox.put)
        except OSError as error:
            program = error.filename or self._plan.execution.dbt_python
            self._fail(
                "PYTHON_ENVIRONMENT_FAILED",
                f"cannot start dbt: {program}: {error.strerror}",
                "Check execution.dbt.python: it names a Python interpreter that has dbt and floe-dbt installed.",
            )
            self._exited = Exited(None)
            return
        if not self._await_ready():
            return
        ids, delay = self._ids, 0.0
        policy = self._plan.execution.retries
        most = policy.max if self._request.retries is None else self._request.retries
        for n in range(1, most + 2):
            self._dbt_failed = False
            if not self._attempt(n, delay, ids):
                return
            ids = nodes_to_retry(self._plan, last_results(self._attempts), policy)
            if not ids or n > most:
                return
            delay = retry_delay(policy, n + 1, self._random())
            if time.monotonic() + delay >= self._deadline:
                self._log("warning", f"no further attempt: its delay of {delay:.0f} s would pass the time limit")
                return
            self._log("warning", f"{len(ids)} nodes run again in {delay:.1f} s")
            if not self._wait(delay):
                return

    def _settings(self, private: Path) -> EngineSettings | None:
        data = data_directory(self._plan.bundle_dir, self._environ)
        partial_parse: Path | None = partial_parse_folder(data, self._plan.dbt, self._variables())
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if DATA_DIRECTORY_VARIABLE in _read(self._plan.dbt.profiles_dir / "profiles.yml"):
                self._fail(
                    "PYTHON_ENVIRONMENT_FAILED",
                    f"cannot make the data folder {data}: {error.strerror}",
                    f"Set {DATA_DIRECTORY_VARIABLE} to a folder that is kept between runs and can be written.",
                )
                return None
            partial_parse = None
        return EngineSettings(
            plan=self._plan,
            key=self._request.key,
            private_dir=private,
            partial_parse_dir=partial_parse,
            environ={
                **self._environ,
                DATA_DIRECTORY_VARIABLE: str(data),
                "DBT_USE_FAST_TEST_EDGES": "1",
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
                "PYTHONUNBUFFERED": "1",
            },
            vars=self._variables(),
            threads=self._request.threads or self._plan.execution.threads,
            full_refresh=self._request.full_refresh,
            grace=self._grace,
            planned=self._ids,
        )

    def _variables(self) -> dict[str, object]:
        return {**self._plan.dbt.vars, **self._request.vars}

    def _await_ready(self) -> bool:
        while True:
            item = self._receive()
            if isinstance(item, Exited):
                self._child_lost()
                return False
            if isinstance(item, Refused):
                self._fail("PLUGIN_INCOMPATIBLE", item.reason, "Install the same version of both packages.")
                self._engine.kill()
                return False
            if isinstance(item, InvocationDone):
                if self._ending is None:
                    message = item.failure.message if item.failure is not None else "dbt cannot parse the project"
                    self._fail("DBT_PARSE_FAILED", message, "Mend the dbt project; `dbt parse` shows the same error.")
                return False
            if isinstance(item, Ready):
                if not item.absent:
                    return self._ending is None
                self._fail(
                    "DBT_MANIFEST_MISMATCH",
                    f"{len(item.absent)} planned nodes are not in the dbt project with this target and these variables, "
                    f"for example {item.absent[0]}",
                    "Compile and deploy the product with the target and variables that the run uses.",
                )
                return False
            self._observe(item)

    def _attempt(self, n: int, delay: float, ids: frozenset[str]) -> bool:
        """One attempt over the nodes; False when the run has to end."""
        self._progress = progress = AttemptProgress(n, delay, ids, self._redact)
        self._emit(AttemptStarted(n, delay, ids))
        whole = ids == self._plan.ids
        completed = True
        for phase in phases_of(self._plan, ids):
            todo = Phase(phase.command, phase.ids - self._skip_after_failed_seeds(progress))
            if todo.ids and not self._invoke(todo, whole=whole):
                completed = False
                break
        self._close_attempt()
        return completed and self._ending is None

    def _skip_after_failed_seeds(self, progress: AttemptProgress) -> frozenset[str]:
        results = [progress.result_of(seed) for seed in self._plan.seeds_first]
        failed = [result.id for result in results if result is not None and not is_successful(result.status)]
        behind = self._plan.dependents_of(failed) & progress.ids if failed else frozenset()
        self._emit_all(progress.settle(behind, "skipped", "a seed that loads its source failed"))
        return behind

    def _invoke(self, phase: Phase, *, whole: bool) -> bool:
        """One dbt invocation; False when the run has to end."""
        if self._ending is not None:
            return False
        self._engine.invoke(phase, whole=whole)
        while True:
            item = self._receive()
            if isinstance(item, Exited):
                self._child_lost()
                return False
            if isinstance(item, InvocationDone):
                return self._invocation_done(item)
            self._observe(item)

    def _invocation_done(self, done: InvocationDone) -> bool:
        for leftover in done.leftovers:
            self._node_finished(leftover)
        for hook in done.hooks:
            self._hook(hook)
        self._node_deadlines.clear()
        self._overdue.clear()
        self._dbt_failed = self._dbt_failed or not done.success
        if done.failure is None:
            return True
        if self._ending is None:
            interrupted = done.failure.kind == "interrupted"
            message = "dbt was interrupted from outside" if interrupted else done.failure.message
            self._fail("RUN_FAILED", message or "dbt failed", "Read the end of the log for what dbt said.")
        return False

    # -- messages -----------------------------------------------------------------------------------------------

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
                self._emit(LogLine(item.level, self._redact(item.text)[:8_000], item.node_id))
            case NotUnderstood():
                self._log("warning", f"not understood: {item.text[:500]}")
            case Hello():
                self._log("info", f"dbt {item.dbt_version}")
            case Counted():
                if self._progress is not None:
                    self._progress.set_rows(dict(item.rows))
            case _:
                pass

    def _node_started(self, message: Started) -> None:
        event = self._progress.started(message) if self._progress is not None else None
        if event is not None:
            if self._node_timeout is not None:
                self._node_deadlines[message.id] = time.monotonic() + self._node_timeout
            self._emit(event)

    def _node_finished(self, message: Finished) -> None:
        if self._progress is None:
            return
        overdue = message.id in self._overdue
        failed = node_status_of(message.dbt_status) == "failed"
        event = None
        if overdue and failed:
            limit = self._node_timeout or 0
            event = self._progress.finished(message, ("failed", f"stopped by its time limit of {limit:g} s"))
        elif failed and self._ending is not None and message.id in self._progress.running:
            event = self._progress.finished(message, ("cancelled", "the run was ended while this node ran"))
        else:
            event = self._progress.finished(message)
        if message.id not in self._progress.running:
            self._node_deadlines.pop(message.id, None)
            self._overdue.pop(message.id, None)
        if event is not None:
            self._emit(event)

    def _hook(self, hook: Hook) -> None:
        message = self._redact(hook.message)[:2_000] if hook.message else None
        result = HookResult(hook.id, node_status_of(hook.dbt_status), message)
        known = [
            index for index, other in enumerate(self._hooks) if other.name == hook.id and other.status == result.status
        ]
        if known and message is not None:
            self._hooks[known[-1]] = result
        elif message is None:
            self._hooks.append(result)

    # -- time and endings ---------------------------------------------------------------------------------------

    def _receive(self, until: float | None = None) -> EngineItem | None:
        """The next item of the engine; None when `until` has come. Keeps every deadline on the way."""
        while self._exited is None:
            now = time.monotonic()
            self._keep_deadlines(now)
            if self._exited is not None:
                break
            if until is not None and now >= until:
                return None
            due = [self._deadline, *self._node_deadlines.values(), *self._overdue.values()]
            due += [until] if until is not None else []
            due += [self._ladder.due] if self._ladder is not None else []
            due = [moment for moment in due if moment > now]
            try:
                item = self._inbox.get(timeout=min(max(min(due, default=now + 1) - now, 0.001), 3_600))
            except queue.Empty:
                continue
            if item is None:
                self._begin_ending("cancelled")
            elif isinstance(item, Exited):
                self._exited = item
            else:
                return item
        return self._exited

    def _keep_deadlines(self, now: float) -> None:
        if now >= self._deadline and self._ending is None:
            self._log("error", f"the run reached its time limit of {self._timeout:g} s")
            self._begin_ending("timed_out")
        for node_id in [node_id for node_id, due in self._node_deadlines.items() if now >= due]:
            del self._node_deadlines[node_id]
            self._overdue[node_id] = now + NODE_CANCEL_LIMIT
            self._log(
                "warning", f"{node_id} reached its time limit of {self._node_timeout:g} s: its query is cancelled"
            )
            self._engine.cancel_node(node_id)
        if any(now >= due for due in self._overdue.values()) and self._ending is None:
            self._fail(
                "RUN_FAILED",
                "a node did not stop when its time limit was over",
                "Raise node_timeout, or mend the node.",
            )
            self._begin_ending("failed")
        if self._ladder is not None and now >= self._ladder.due:
            self._next_step(self._ladder, now)

    def _begin_ending(self, ending: Ending) -> None:
        if self._ending is not None:
            return
        self._ending = ending
        self._ladder = _Ladder("terminate", time.monotonic() + self._grace)
        self._engine.interrupt()

    def _next_step(self, ladder: _Ladder, now: float) -> None:
        if ladder.step == "terminate":
            self._engine.terminate()
            self._ladder = _Ladder("kill", now + TERMINATE_TO_KILL)
        elif ladder.step == "kill":
            self._engine.kill()
            self._ladder = _Ladder("give up", now + KILL_TO_GIVING_UP)
        else:
            self._exited = Exited(None)

    def _wait(self, seconds: float) -> bool:
        """Waits between attempts; False when the run has to end."""
        until = time.monotonic() + seconds
        while True:
            item = self._receive(until)
            if isinstance(item, Exited):
                self._child_lost()
                return False
            if item is None:
                return self._ending is None
            self._observe(item)

    def _end_engine(self) -> None:
        """No process is left after this."""
        with contextlib.suppress(Exception):
            self._engine.finish()
        if self._ladder is None:
            self._ladder = _Ladder("terminate", time.monotonic() + FINISH_LIMIT)
        self._deadline = float("inf")
        self._ending = self._ending or ("failed" if self._error is not None else None)
        while self._exited is None:
            item = self._receive()
            if isinstance(item, (InvocationDone, Ready)):
                continue
            self._observe(item)

    def _child_lost(self) -> None:
        """The child ended although there was work left."""
        if self._ending is not None or self._error is not None:
            return
        code = self._exited.code if self._exited is not None else None
        how = (
            "ended" if code is None else f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        )
        tail = self._redact(self._engine.output()).strip()
        last = f": {tail.splitlines()[-1][:500]}" if tail else ""
        if "No module named" in last:
            self._fail(
                "PYTHON_ENVIRONMENT_FAILED",
                f"dbt cannot start{last}",
                "Install dbt, its adapter and floe-dbt into the Python that execution.dbt.python names.",
            )
        else:
            self._fail(
                "RUN_LOST", f"the dbt process {how}{last}", "Look for memory limits and for whoever ends processes."
            )
        if tail:
            self._log("error", tail[-4_000:])

    # -- the record ---------------------------------------------------------------------------------------------

    def _close_attempt(self) -> None:
        if self._progress is not None:
            progress, self._progress = self._progress, None
            reason = (
                "the run was ended while this node ran" if self._ending else "the dbt process ended while this node ran"
            )
            self._emit_all(progress.settle(progress.running, "cancelled", reason))
            self._attempts.append(progress.close())
            if progress.unplanned_failures and self._error is None and self._dbt_failed:
                node_id, message = next(iter(progress.unplanned_failures.items()))
                self._fail("RUN_FAILED", f"{node_id}: {message}", "Mend this node, then run again.")

    def _record(self, started_at: str) -> RunRecord:
        results = last_results(self._attempts)
        missing = tuple(sorted(self._ids - results.keys()))
        outcome = self._outcome(results, missing)
        if outcome == "failed" and missing and self._error is None:
            self._fail(
                "RUN_INCOMPLETE",
                f"dbt did not run {len(missing)} of {len(self._ids)} planned nodes, for example {missing[0]}",
                "Run again; if it stays, deploy the product again.",
            )
        return RunRecord(
            key=self._request.key,
            bundle_hash=self._plan.bundle_hash,
            planned=len(self._ids),
            outcome=outcome,
            missing=missing,
            attempts=tuple(self._attempts),
            hooks=tuple(self._hooks),
            error=self._error,
            counts=count_statuses(list(results.values())),
            started_at=started_at,
            finished_at=_now(),
        )

    def _outcome(self, results: Mapping[str, NodeResult], missing: tuple[str, ...]) -> RunOutcome:
        done = bool(results) and not missing and all(is_successful(result.status) for result in results.values())
        if done and not self._dbt_failed and self._error is None:
            return "succeeded"
        if self._ending in ("cancelled", "timed_out"):
            return self._ending
        if done and self._error is None:
            hook = next((hook for hook in self._hooks if not is_successful(hook.status)), None)
            cause = (
                f"{hook.name}: {hook.message or 'failed'}"
                if hook
                else "dbt reports a failure although every node succeeded"
            )
            self._fail("RUN_FAILED", cause, "Read the end of the log for what dbt said.")
        return "failed"

    def _fail(self, code: str, message: str, resolution: str) -> None:
        if self._error is None:
            self._error = RunError(code, self._redact(message)[:2_000], resolution)
            self._log("error", self._error.message)

    def _log(self, level: Literal["info", "warning", "error"], text: str) -> None:
        self._emit(LogLine(level, self._redact(text)))

    def _emit_all(self, events: list[NodeFinished]) -> None:
        for event in events:
            self._emit(event)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
