"""JSON lines to and from floe-runtime."""

from __future__ import annotations

import json
import os
import threading
from typing import Any, Final

PROTOCOL: Final = 1


class EventWriter:
    """Writes one JSON line per event; stops silently when nobody reads any more."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor` is the write end of the adapter's pipe."""
        self._stream = os.fdopen(descriptor, "wb", buffering=0)
        self._lock = threading.Lock()
        self._open = True

    def write(self, kind: str, **fields: Any) -> None:
        """One line; from any thread."""
        line = json.dumps({"protocol": PROTOCOL, "type": kind, **fields}, separators=(",", ":"), default=str)
        data = memoryview(line.encode("utf-8", "replace") + b"\n")
        with self._lock:
            while self._open and data:
                try:
                    data = data[self._stream.write(data) or 0 :]
                except OSError:
                    self._open = False
