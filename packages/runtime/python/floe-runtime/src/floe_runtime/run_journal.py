"""What is known of a run, and what of it is told. One thread writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from floe_runtime.attempt_progress import AttemptProgress
from floe_runtime.engine_messages import EngineItem, Finished, Hook, InvocationDone, Log, Started
from floe_runtime.node_deadlines import TIME_LIMIT_MESSAGE, NodeDeadlines
from floe_runtime.node_status import NodeStatus, node_status_of
from floe_runtime.protocol import Hello, NotUnderstood
from floe_runtime.run_events import AttemptStarted, LogLevel, LogLine, NodeFinished, RunEvent
from floe_runtime.run_record import MESSAGE_LIMIT, Attempt, HookResult, RunError

CUT_OFF = "the run was ended while this node ran"
LOST = "the dbt process ended while this node ran"


class RunJournal:
    """Attempts, hooks and the error so far; every text in it is redacted."""

    def __init__(
        self,
        emit: Callable[[RunEvent], None],
        redact: Callable[[str], str],
        nodes: NodeDeadlines,
        clock: Callable[[], float],
    ) -> None:
        """`emit` gets every event; `nodes` is told of every start and end."""
        self._emit = emit
        self._redact = redact
        self._nodes = nodes
        self._clock = clock
        self._phase_hooks: dict[str, HookResult] = {}
        self.error: RunError | None = None
        self.attempts: list[Attempt] = []
        self.hooks: list[HookResult] = []
        self.progress: AttemptProgress | None = None
        self.dbt_failed = False
        """dbt's own verdict over the attempt."""
        self.run_failure: str | None = None
        """dbt as a whole failed in the attempt."""
        self.ending = False
        """True while the run is being ended: a node that fails now was cut off."""
        self.cut_for: set[str] = set()
        """Nodes for whose sake the invocation is being ended; the rest runs again in the next one."""

    def fail(self, error: RunError) -> None:
        """Keeps the first error."""
        if self.error is None:
            self.error = replace(error, message=self._redact(error.message)[:MESSAGE_LIMIT])
            self.log("error", self.error.message)

    def log(self, level: LogLevel, text: str, node_id: str | None = None) -> None:
        """A line for people."""
        self._emit(LogLine(level, self._redact(text), node_id))

    def redacted(self, text: str) -> str:
        """The text without secrets."""
        return self._redact(text)

    def begin_attempt(self, n: int, delay: float, ids: frozenset[str]) -> AttemptProgress:
        """The nodes of the attempt are about to run."""
        self.dbt_failed, self.run_failure = False, None
        self.progress = AttemptProgress(n, delay, ids, self._redact)
        self._emit(AttemptStarted(n, delay, ids))
        return self.progress

    def close_attempt(self) -> None:
        """What still runs has been cut off."""
        if self.progress is None:
            return
        progress, self.progress = self.progress, None
        self._emit_all(progress.settle(progress.running, "cancelled", CUT_OFF if self.ending else LOST))
        self.attempts.append(progress.close())
        self._close_phase()
        if progress.unplanned_failures and self.dbt_failed:
            node_id, message = next(iter(progress.unplanned_failures.items()))
            self.run_failure = self.run_failure or f"{node_id}: {message}"

    def take_cut_nodes(self) -> set[str]:
        """The nodes for whose sake the invocation was ended, which have failed by that."""
        cut, self.cut_for = self.cut_for, set()
        self.settle(cut, "failed", self.overdue_message())
        return cut

    def settle(self, ids: Iterable[str], status: NodeStatus, message: str) -> None:
        """Ends nodes that dbt does not end."""
        if self.progress is not None:
            self._emit_all(self.progress.settle(ids, status, message))

    def observe(self, item: EngineItem | None) -> None:
        """Takes a message that does not steer the run."""
        match item:
            case Started():
                self._started(item)
            case Finished():
                self._finished(item)
            case Hook():
                self._hook(item)
            case Log():
                self.log(item.level, item.text, item.node_id)
            case NotUnderstood() if item.text.strip():
                self.log("warning", f"not understood: {item.text[:500]}")
            case Hello():
                self.log("info", f"Running with dbt {item.dbt_version[:40]}")
            case _:
                pass

    def invocation_done(self, done: InvocationDone) -> None:
        """Takes what dbt says at the end of an invocation."""
        for leftover in done.leftovers:
            self._finished(leftover)
        for hook in done.hooks:
            self._hook(hook)
        self._close_phase()
        self._nodes.clear()
        self.dbt_failed = self.dbt_failed or not done.success

    def overdue_message(self) -> str:
        """What is said of a node that its time limit has stopped."""
        return f"{TIME_LIMIT_MESSAGE} of {self._nodes.limit or 0:g} s"

    def _started(self, message: Started) -> None:
        if self.progress is None:
            return
        if message.id in self.progress.unfinished:
            self._nodes.start(message.id, self._clock())
        event = self.progress.started(message)
        if event is not None:
            self._emit(event)

    def _finished(self, message: Finished) -> None:
        if self.progress is None:
            return
        failed = node_status_of(message.dbt_status) == "failed"
        if failed and self._nodes.is_stopping(message.id):
            event = self.progress.finished(message, ("failed", self.overdue_message()))
        elif failed and self.cut_for and not self.ending and message.id in self.progress.running:
            return
        elif failed and self.ending and message.id in self.progress.running:
            event = self.progress.finished(message, ("cancelled", CUT_OFF))
        else:
            event = self.progress.finished(message)
        if message.id not in self.progress.running:
            self._nodes.end(message.id)
        if event is not None:
            self._emit(event)

    def _hook(self, hook: Hook) -> None:
        message = self._redact(hook.message)[:MESSAGE_LIMIT] if hook.message else None
        self._phase_hooks[hook.id] = HookResult(hook.name, node_status_of(hook.dbt_status), message)

    def _close_phase(self) -> None:
        self.hooks += self._phase_hooks.values()
        self._phase_hooks = {}

    def _emit_all(self, events: Iterable[NodeFinished]) -> None:
        for event in events:
            self._emit(event)
