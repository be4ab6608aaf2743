"""Sends events and log lines to Prefect's API in batches from a thread of its own: the run never waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, Literal

from floe_prefect.api import Api, connect

BEAT_SECONDS: Final = 1.0
"""How often what has come together is sent."""
FULL: Final = 200
"""So many events or lines are sent at once, without waiting for the beat."""
BATCH: Final = 500
KEEP: Final = 100_000
"""So many events or lines wait for a server that does not answer; more are lost, and counted."""
_LONGEST_PAUSE: Final = 8.0

Item = Mapping[str, Any]


class ApiSender:
    """Use `event`, `forget` and `log` from one thread, then `close`."""

    def __init__(
        self, connection: Callable[[], AbstractContextManager[Api]] = connect, beat: float = BEAT_SECONDS
    ) -> None:
        """`connection` is opened in the sender's thread."""
        self._connection = connection
        self._beat = beat
        self._changed = threading.Condition()
        self._events: dict[str, Item] = {}
        self._lines: list[Item] = []
        self._told: dict[str, Item] = {}
        self._doubt = False
        self._closed = False
        self._lost = 0
        self._problem: str | None = None
        self._thread = threading.Thread(target=self._work, name="floe-prefect-sender", daemon=True)
        self._thread.start()

    def event(self, event: Item) -> None:
        """Sends an event soon."""
        with self._changed:
            if len(self._events) < KEEP:
                self._events[event["id"]] = event
            else:
                self._lost += 1
            self._wake(len(self._events))

    def forget(self, event_id: str) -> None:
        """Drops an event that was not sent yet, because a later one says more."""
        with self._changed:
            self._events.pop(event_id, None)

    def log(self, line: Item) -> None:
        """Sends a line of the log soon."""
        with self._changed:
            if len(self._lines) < KEEP:
                self._lines.append(line)
            else:
                self._lost += 1
            self._wake(len(self._lines))

    def close(self, seconds: float) -> str | None:
        """Sends what waits, for at most so long; what is lost, in a sentence."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(seconds)
        with self._changed:
            lost = self._lost + len(self._events) + len(self._lines)
        if lost == 0:
            return None
        reason = self._problem or "it does not answer"
        return f"{lost} node states and log lines could not be written to Prefect: {reason}"

    def _wake(self, waiting: int) -> None:
        if waiting >= FULL:
            self._changed.notify()

    def _work(self) -> None:
        try:
            with self._connection() as api:
                self._send_all(api)
        except Exception as error:
            # What is not sent is counted by close.
            self._problem = f"{type(error).__name__}"

    def _send_all(self, api: Api) -> None:
        pause = 0.0
        while True:
            with self._changed:
                if not self._closed and len(self._events) < FULL and len(self._lines) < FULL:
                    self._changed.wait(self._beat)
                events, lines = list(self._events.values())[:BATCH], self._lines[:BATCH]
                if self._closed and not events and not lines:
                    return
            if self._send(api, "/events", events) and self._send(api, "/logs/", lines):
                pause = 0.0
            else:
                pause = min(_LONGEST_PAUSE, max(0.5, 2 * pause))
                time.sleep(pause)

    def _send(self, api: Api, path: Literal["/events", "/logs/"], items: list[Item]) -> bool:
        """True when the batch is done with: taken, or refused for good."""
        if not items:
            return True
        failure = api(path, items)
        if failure is not None:
            self._problem = failure.message
            self._doubt = self._doubt or failure.cut_off
            if failure.may_pass:
                return False
        with self._changed:
            if failure is not None:
                self._lost += len(items)
            if path == "/events":
                self._sent(items, taken=failure is None)
            else:
                del self._lines[: len(items)]
        return True

    def _sent(self, items: list[Item], *, taken: bool) -> None:
        """Keeps the last state of each node, to tell it again once to a server that was gone in between."""
        for item in items:
            self._events.pop(item["id"], None)
            if taken and item.get("event", "").startswith("prefect.task-run."):
                self._told[item["resource"]["prefect.resource.id"]] = item
        if taken and self._doubt:
            self._doubt = False
            self._events = {item["id"]: item for item in self._told.values()} | self._events
