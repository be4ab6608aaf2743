"""Events with a beat, so that what waits to be written is not held up by a node that takes long."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Final, TypeVar

Event = TypeVar("Event")

BEAT_SECONDS: Final = 0.5


class _End:
    """The last item: the events are over, or failed."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ticking(events: Iterator[Event], beat: float = BEAT_SECONDS) -> Iterator[Event | None]:
    """The events in order, and None whenever none came for a while; they are read by a thread of their own."""
    arrived: queue.SimpleQueue[Event | _End] = queue.SimpleQueue()

    def read() -> None:
        try:
            for event in events:
                arrived.put(event)
        except BaseException as error:
            arrived.put(_End(error))
        else:
            arrived.put(_End(None))

    threading.Thread(target=read, name="floe-events", daemon=True).start()
    while True:
        try:
            item = arrived.get(timeout=beat)
        except queue.Empty:
            yield None
            continue
        if not isinstance(item, _End):
            yield item
        elif item.error is not None:
            raise item.error
        else:
            return
