"""A supervisor under a script instead of dbt, with a clock that only the script moves."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from floe_runtime.engine import EngineSettings
from floe_runtime.engine_messages import EngineItem, Exited
from floe_runtime.phases import Phase
from floe_runtime.plan import Plan
from floe_runtime.run_events import RunEvent
from floe_runtime.run_record import RunRecord
from floe_runtime.run_request import RunRequest
from floe_runtime.supervisor import Supervisor, Surroundings


class Clock:
    """Seconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class ScriptedInbox:
    """Gives what was put; when there is nothing, the waiting time passes at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._items: deque[EngineItem | None] = deque()
        self.waits = 0

    def put(self, item: EngineItem | None) -> None:
        self._items.append(item)

    def get(self, *, timeout: float) -> EngineItem | None:
        if self._items:
            return self._items.popleft()
        self.waits += 1
        if self.waits > 1_000:
            raise AssertionError("the supervisor waits for ever")
        self._clock.now += timeout
        raise queue.Empty


class ScriptedEngine:
    """Answers each call with the next answers of its script; `deaf` engines end only when killed."""

    def __init__(
        self,
        on_start: Iterable[EngineItem],
        on_invoke: Callable[[int, Phase], Iterable[EngineItem]],
        *,
        cancels_nodes: bool = True,
        deaf: bool = False,
        immortal: bool = False,
        on_cancel_node: Callable[[str], Iterable[EngineItem]] = lambda _node: (),
        on_interrupt: Callable[[], Iterable[EngineItem]] = lambda: (),
    ) -> None:
        self.cancels_nodes = cancels_nodes
        self._on_start = on_start
        self._on_invoke = on_invoke
        self._deaf = deaf
        self._immortal = immortal
        self._on_cancel_node = on_cancel_node
        self._on_interrupt = on_interrupt
        self._put: Callable[[EngineItem], None] = lambda _item: None
        self._gone = False
        self.phases: list[Phase] = []
        self.calls: list[str] = []

    def start(self, settings: EngineSettings, put: Callable[[EngineItem], None]) -> None:
        self._put = put
        self._say(self._on_start)

    def invoke(self, phase: Phase) -> None:
        self.phases.append(phase)
        self._say(self._on_invoke(len(self.phases), phase))

    def cancel_node(self, node_id: str) -> None:
        self.calls.append(f"cancel {node_id}")
        self._say(self._on_cancel_node(node_id))

    def interrupt(self) -> None:
        self.calls.append("interrupt")
        self._say(self._on_interrupt())
        if not self._deaf and self.cancels_nodes:
            self._leave(130)

    def terminate(self) -> None:
        self.calls.append("terminate")
        if not self._deaf:
            self._leave(-15)

    def kill(self) -> None:
        self.calls.append("kill")
        if not self._immortal:
            self._leave(-9)

    def finish(self) -> None:
        self.calls.append("finish")
        if not self._deaf:
            self._leave(0)

    def output(self) -> str:
        return "the end of its output"

    def _say(self, items: Iterable[EngineItem]) -> None:
        for item in items:
            if self._gone:
                return
            self._gone = isinstance(item, Exited)
            self._put(item)

    def _leave(self, code: int) -> None:
        self._say([Exited(code)])


def supervise(
    plan: Plan,
    engine: ScriptedEngine,
    *,
    ids: frozenset[str] | None = None,
    cancel_at_once: bool = False,
    tmp: Path | None = None,
    **request: Any,
) -> tuple[RunRecord, list[RunEvent], Clock]:
    """One run under the script."""
    clock = Clock()
    inbox = ScriptedInbox(clock)
    events: list[RunEvent] = []
    supervisor = Supervisor(
        plan,
        RunRequest(key="run-1", **request),
        ids,
        engine=engine,
        emit=events.append,
        around=Surroundings(
            environ={"FLOE_DATA_DIR": str(tmp or Path("/tmp"))},
            inbox=inbox,
            redact=lambda text: text,
            random=lambda: 0.0,
            clock=clock,
        ),
    )
    if cancel_at_once:
        supervisor.cancel()
    return supervisor.run(), events, clock
