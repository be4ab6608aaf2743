"""Waits for the engine, and keeps every deadline while waiting."""

from __future__ import annotations

import contextlib
import queue
from typing import Final, Protocol

from floe_runtime.ending import Ladder
from floe_runtime.engine import Engine
from floe_runtime.engine_messages import EngineItem, Exited, InvocationDone
from floe_runtime.node_deadlines import NodeDeadlines
from floe_runtime.run_errors import defect, node_stuck
from floe_runtime.run_journal import RunJournal
from floe_runtime.run_outcome import Ending

FINISH_LIMIT: Final = 15.0
"""Seconds that dbt gets to close its connections after its last work."""


class Inbox(Protocol):
    """What arrives for the run: items of the engine, None for a wish to cancel."""

    def put(self, item: EngineItem | None) -> None:
        """From any thread."""

    def get(self, *, timeout: float) -> EngineItem | None:
        """Raises queue.Empty after the timeout in seconds."""


class Clock(Protocol):
    """Seconds since some moment, never going back."""

    def __call__(self) -> float:
        """Now."""


class EngineWatch:
    """Time limit of the run, limits of nodes, the wish to cancel, and the ladder by which a run ends."""

    def __init__(
        self, engine: Engine, journal: RunJournal, nodes: NodeDeadlines, *, inbox: Inbox, clock: Clock, grace: float
    ) -> None:
        """`grace` in seconds."""
        self._engine = engine
        self._journal = journal
        self._nodes = nodes
        self._inbox = inbox
        self._clock = clock
        self._ladder = Ladder(grace)
        self._timeout = float("inf")
        self._deadline = float("inf")
        self._work_is_over = False
        self.ending: Ending | None = None
        """Why the run is being ended, if it is."""
        self.exited: Exited | None = None
        """Set when the engine is gone."""

    @property
    def stopped(self) -> bool:
        """True when there is no going on."""
        return self.ending is not None or self.exited is not None

    def start(self, timeout: float) -> None:
        """The run's time begins."""
        self._timeout = timeout
        self._deadline = self._clock() + timeout

    def would_pass(self, seconds: float) -> bool:
        """True if the time limit comes within the given time."""
        return self._clock() + seconds >= self._deadline

    def receive(self, until: float = float("inf")) -> EngineItem | None:
        """The next item of the engine, Exited again and again when it is gone; None when `until` has come."""
        while self.exited is None:
            now = self._clock()
            self._keep_deadlines(now)
            if now >= until or self.exited is not None:
                break
            due = min(until, self._ladder.due, self._nodes.next_due(), now + 3_600)
            if self.ending is None:
                due = min(due, self._deadline)
            try:
                item = self._inbox.get(timeout=max(due - now, 0.001))
            except queue.Empty:
                continue
            if item is None:
                self.end("cancelled")
            elif isinstance(item, Exited):
                self.exited = item
            else:
                return item
        return self.exited

    def wait(self, seconds: float) -> bool:
        """Lets time pass; False when the run cannot go on."""
        until = self._clock() + seconds
        while (item := self.receive(until)) is not None:
            if isinstance(item, Exited):
                return False
            self._journal.observe(item)
        return self.ending is None

    def end(self, ending: Ending) -> None:
        """Begins to end the run."""
        if self.ending is None and not self._work_is_over:
            self.ending = ending
            self._journal.ending = True
            self._ladder.begin(self._clock())

    def kill(self) -> None:
        """Ends the engine at once."""
        self._ladder.begin(self._clock(), "kill")

    def finish(self) -> None:
        """There is no more work; when this returns, the engine is gone."""
        with contextlib.suppress(Exception):
            self._engine.finish()
        self._work_is_over = True
        self._deadline = float("inf")
        self._ladder.allow(self._clock(), FINISH_LIMIT)
        while self.exited is None:
            try:
                item = self.receive()
                if isinstance(item, InvocationDone):
                    self._journal.invocation_done(item)
                else:
                    self._journal.observe(item)
            except Exception as error:
                self._journal.fail(defect(error))
                self._engine.kill()
                self.exited = Exited(None)

    def _keep_deadlines(self, now: float) -> None:
        if now >= self._deadline and self.ending is None:
            self._journal.log("error", f"the run reached its time limit of {self._timeout:g} s")
            self.end("timed_out")
        for node_id in self._nodes.take_overdue(now):
            self._journal.log("warning", f"{node_id} reached its time limit of {self._nodes.limit or 0:g} s", node_id)
            self._stop_node(node_id)
        for node_id in self._nodes.take_again(now):
            if self._engine.cancels_nodes:
                self._engine.cancel_node(node_id)
        stuck = self._nodes.take_stuck(now)
        if stuck is not None and self.ending is None:
            self._journal.fail(node_stuck(stuck))
            self.end("stopped")
        match self._ladder.take(now):
            case "interrupt":
                self._engine.interrupt()
            case "terminate":
                self._engine.terminate()
            case "kill":
                self._engine.kill()
            case "give up":
                self.exited = Exited(None)
            case None:
                pass

    def _stop_node(self, node_id: str) -> None:
        if self._engine.cancels_nodes:
            self._engine.cancel_node(node_id)
        else:
            if not self._journal.cut_for:
                self._engine.interrupt()
            self._journal.cut_for.add(node_id)
