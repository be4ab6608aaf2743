"""Sends the lineage of a run; what cannot be sent is kept for the next run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from floe_runtime.observation import ObservedRun
from floe_runtime.run_events import AttemptStarted, NodeFinished, NodeStarted
from floe_runtime.run_record import ObserverReport, RunRecord
from openlineage.client.event_v2 import RunEvent
from openlineage.client.serde import Serde
from requests import HTTPError, RequestException

from floe_observers.lineage_events import LineageEvents
from floe_observers.settings import LineageSettings
from floe_observers.spool import Spool

PAUSE: Final = 30.0
"""Seconds without an attempt after the receiver did not answer."""
CLOSE_LIMIT: Final = 1.0
_REFUSED_FOR_NOW: Final = frozenset({401, 403, 404, 408, 425, 429})


class LineageTransport(Protocol):
    """How an event is sent as it is."""

    def emit(self, event: Any) -> Any:
        """Throws when the event did not arrive."""


class LineageClient(Protocol):
    """The part of openlineage-python's client that is used."""

    @property
    def transport(self) -> LineageTransport:
        """Without the additions of the client."""

    def emit(self, event: RunEvent) -> None:
        """Throws when the event did not arrive."""

    def close(self, timeout: float = ...) -> bool:
        """Sends what the transport holds back."""


class LineageObserver:
    """Events go out one after the other; while the receiver is away they go into the spool without an attempt."""

    def __init__(
        self,
        settings: LineageSettings,
        client: LineageClient,
        spool: Spool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Sends nothing yet."""
        self._settings = settings
        self._client = client
        self._spool = spool
        self._clock = clock
        self._events: LineageEvents | None = None
        self._paused_until = float("-inf")
        self._hurried = threading.Event()
        self._sent = self._failed = self._spooled = self._resent = 0
        self._note: str | None = None

    def run_started(self, run: ObservedRun) -> None:
        """Sends the START of the run."""
        self._events = LineageEvents(run, self._settings)
        self._send([self._events.run_started()])

    def attempt_started(self, event: AttemptStarted) -> None:
        """No event: an attempt is part of the ids of its nodes."""
        if self._events is not None:
            self._events.attempt_started(event.n)

    def node_started(self, event: NodeStarted) -> None:
        """Sends the START of the node."""
        if self._events is not None:
            self._send(self._events.node_started(event.id, event.at))

    def node_finished(self, event: NodeFinished) -> None:
        """Sends the end of the node."""
        if self._events is not None:
            self._send(self._events.node_finished(event.result, event.attempt))

    def run_finished(self, record: RunRecord) -> None:
        """Sends the end of the run."""
        if self._events is not None:
            self._send(self._events.run_finished(record))
        self._spool.close()
        if not self._client.close(CLOSE_LIMIT):
            self._note = self._note or "the transport did not confirm every event"

    def idle(self) -> bool:
        """Sends one event of an earlier run."""
        if self._is_paused():
            return False
        event = self._spool.first()
        if event is None:
            return False
        try:
            self._client.transport.emit(event)
        except Exception as error:
            if not self._is_lasting(error):
                self._pause(error)
                return False
            self._failed += 1
        else:
            self._resent += 1
        self._spool.drop()
        return True

    def hurry(self) -> None:
        """From now on everything goes into the spool."""
        self._hurried.set()

    def report(self) -> ObserverReport:
        """Counts so far."""
        return ObserverReport(
            sent=self._sent, failed=self._failed, spooled=self._spooled, resent=self._resent, note=self._note
        )

    def _send(self, events: Iterable[RunEvent]) -> None:
        for event in events:
            if self._is_paused():
                self._keep(event)
                continue
            try:
                self._client.emit(event)
                self._sent += 1
            except Exception as error:
                if self._is_lasting(error):
                    self._failed += 1
                else:
                    self._pause(error)
                    self._keep(event)

    def _is_paused(self) -> bool:
        return self._hurried.is_set() or self._clock() < self._paused_until

    def _is_lasting(self, error: Exception) -> bool:
        """True when the receiver refuses the event itself, so that sending it again is of no use."""
        status = error.response.status_code if isinstance(error, HTTPError) and error.response is not None else None
        if status is None or not 400 <= status < 500 or status in _REFUSED_FOR_NOW:
            return False
        self._note = self._note or f"the receiver refuses events with status {status}"
        return True

    def _pause(self, error: Exception) -> None:
        self._paused_until = self._clock() + PAUSE
        status = error.response.status_code if isinstance(error, HTTPError) and error.response is not None else None
        if status is not None:
            what = f"answers with status {status}"
        elif isinstance(error, RequestException):
            what = "does not answer"
        else:
            what = f"cannot be written ({type(error).__name__})"
        self._note = self._note or f"the receiver of lineage {what}"

    def _keep(self, event: RunEvent) -> None:
        if self._spool.put(Serde.to_dict(event)):
            self._spooled += 1
        else:
            self._failed += 1
