"""Tells observers about a run without ever waiting for them: each has a thread and a bounded queue of its own."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from floe_runtime.plan import Plan
from floe_runtime.run_events import AttemptStarted, LogLine, NodeFinished, NodeStarted, RunEvent
from floe_runtime.run_record import ObserverReport, RunRecord
from floe_runtime.run_request import RunRequest

QUEUE_LIMIT: Final = 20_000
"""Events that wait for one observer; more are dropped and counted."""
FLUSH_LIMIT: Final = 5.0
"""Seconds that a run waits at its end for all observers together."""
_HURRY_AFTER: Final = 1.5
"""Seconds of these until observers are asked not to wait for anything any more."""


@dataclass(frozen=True)
class RunContext:
    """What the orchestrator knows of the run."""

    platform: str = "floe"
    platform_version: str = ""
    run_id: str | None = None
    """The orchestrator's own id."""
    run_url: str | None = None
    nominal_time: str | None = None
    """The slot of the schedule, ISO 8601 with zone."""
    again: str | None = None
    """Tells work that is done again under the key of an ended run; None the first time, and after a lost process."""


@dataclass(frozen=True)
class ObservedRun:
    """A run that is about to begin."""

    plan: Plan
    request: RunRequest
    ids: frozenset[str]
    """What is planned."""
    context: RunContext
    started_at: str
    """ISO 8601 with zone."""

    @property
    def lineage_key(self) -> str:
        """The key by which lineage knows the run: work that is done again is another run there."""
        again = self.context.again
        return self.request.key if again is None else f"{self.request.key}#{again}"


class Observer(Protocol):
    """
    Gets every event of one run in order, from one thread. It may be slow and it may throw: the run goes on, and the
    report says what was lost.
    """

    def run_started(self, run: ObservedRun) -> None:
        """Before dbt is started."""

    def attempt_started(self, event: AttemptStarted) -> None:
        """Before each attempt."""

    def node_started(self, event: NodeStarted) -> None:
        """Once per node and attempt, but not for each node that is skipped."""

    def node_finished(self, event: NodeFinished) -> None:
        """Once per node and attempt."""

    def run_finished(self, record: RunRecord) -> None:
        """The end: what waits is sent, or kept for later."""

    def idle(self) -> bool:
        """Does a little of what can wait; True while there is more."""

    def hurry(self) -> None:
        """From another thread: from now on wait for nothing."""

    def report(self) -> ObserverReport:
        """Counts so far, from another thread."""


class ObserverAbsentError(Exception):
    """An observer cannot be there; the message says why, in a sentence without secrets."""


@dataclass(frozen=True)
class ObserverSource:
    """How to make an observer; `create` is called in the observer's own thread and may import what is slow."""

    name: str
    create: Callable[[], Observer]


class Observation:
    """All observers of one run."""

    def __init__(self, sources: Sequence[ObserverSource], *, queue_limit: int = QUEUE_LIMIT) -> None:
        """Starts nothing."""
        self._workers = [_Worker(source, queue_limit) for source in sources]

    def start(self, run: ObservedRun) -> None:
        """Before the run."""
        for worker in self._workers:
            worker.start(run)

    def tell(self, event: RunEvent) -> None:
        """During the run; returns at once."""
        if not isinstance(event, LogLine):
            for worker in self._workers:
                worker.tell(event)

    def finish(self, record: RunRecord, limit: float = FLUSH_LIMIT) -> dict[str, ObserverReport]:
        """After the run; what each observer has achieved, at the latest after `limit` seconds."""
        begin = time.monotonic()
        for worker in self._workers:
            worker.finish(record)
        for worker in self._workers:
            worker.join(begin + min(_HURRY_AFTER, limit / 2) - time.monotonic())
        for worker in self._workers:
            worker.hurry()
        for worker in self._workers:
            worker.join(begin + limit - time.monotonic())
        return {worker.name: worker.report(limit) for worker in self._workers}


def describe_reports(reports: dict[str, ObserverReport]) -> Iterator[LogLine]:
    """What the log of a run says about its observers."""
    for name, report in sorted(reports.items()):
        counts = [f"{count} {word}" for word, count in report.counts() if count]
        note = f" ({report.note})" if report.note else ""
        text = f"{name}: {', '.join(counts) or 'nothing sent'}{note}"
        yield LogLine("info" if report.complete else "warning", text)


class _Worker:
    def __init__(self, source: ObserverSource, limit: int) -> None:
        self.name = source.name
        self._source = source
        self._limit = limit
        self._changed = threading.Condition()
        self._events: deque[RunEvent] = deque()
        self._record: RunRecord | None = None
        self._hurry = False
        self._observer: Observer | None = None
        self._dropped = 0
        self._faults = 0
        self._note: str | None = None
        self._absent = False
        self._thread: threading.Thread | None = None

    def start(self, run: ObservedRun) -> None:
        self._thread = threading.Thread(target=self._work, args=(run,), name=f"floe-{self.name}", daemon=True)
        self._thread.start()

    def tell(self, event: RunEvent) -> None:
        with self._changed:
            if len(self._events) >= self._limit:
                self._dropped += 1
            else:
                self._events.append(event)
                self._changed.notify()

    def finish(self, record: RunRecord) -> None:
        with self._changed:
            self._record = record
            self._changed.notify()

    def hurry(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            return
        self._hurry = True
        if self._observer is not None:
            self._attempt(self._observer.hurry)

    def join(self, seconds: float) -> None:
        if self._thread is not None and seconds > 0:
            self._thread.join(seconds)

    def report(self, limit: float) -> ObserverReport:
        unfinished = self._thread is not None and self._thread.is_alive()
        own = ObserverReport()
        if self._observer is not None:
            try:
                own = self._observer.report()
            except Exception as error:
                self._note = self._note or type(error).__name__
        with self._changed:
            waiting = 0 if self._absent else len(self._events)
        note = self._note or own.note
        if unfinished:
            note = note or f"it did not end within {limit:g} s"
        return ObserverReport(
            sent=own.sent,
            failed=own.failed + self._faults,
            dropped=own.dropped + self._dropped + waiting,
            spooled=own.spooled,
            resent=own.resent,
            note=note,
        )

    def _work(self, run: ObservedRun) -> None:
        try:
            self._observer = observer = self._source.create()
        except ObserverAbsentError as absence:
            self._note, self._absent = str(absence), True
            return
        except Exception as error:
            self._note = f"it cannot be started: {type(error).__name__}"
            return
        if self._hurry:
            self._attempt(observer.hurry)
        self._attempt(observer.run_started, run)
        busy = True
        while not isinstance(event := self._next(wait=not busy), _Finished):
            if event is None:
                busy = self._idle(observer)
            else:
                busy = True
                self._dispatch(observer, event)
        if self._record is not None:
            self._attempt(observer.run_finished, self._record)

    def _next(self, *, wait: bool) -> RunEvent | _Finished | None:
        """The next event; None when there is none now."""
        with self._changed:
            while wait and not self._events and self._record is None:
                self._changed.wait()
            if self._events:
                return self._events.popleft()
            return _Finished() if self._record is not None else None

    def _dispatch(self, observer: Observer, event: RunEvent) -> None:
        match event:
            case AttemptStarted():
                self._attempt(observer.attempt_started, event)
            case NodeStarted():
                self._attempt(observer.node_started, event)
            case NodeFinished():
                self._attempt(observer.node_finished, event)
            case _:
                pass

    def _idle(self, observer: Observer) -> bool:
        try:
            return observer.idle()
        except Exception as error:
            self._fault(error)
            return False

    def _attempt(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            call(*arguments)
        except Exception as error:
            self._fault(error)

    def _fault(self, error: Exception) -> None:
        self._faults += 1
        self._note = self._note or f"it failed: {type(error).__name__}"


class _Finished:
    """The mark of the end."""
