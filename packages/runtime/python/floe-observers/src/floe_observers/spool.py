"""A file of events that could not be sent; the next run of the product sends them."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

SPOOL_LIMIT: Final = 10_000_000
"""Bytes of one product's file; what does not fit is lost, and counted."""


class Spool:
    """
    `put` keeps events; `first` and `drop` go through those of earlier runs. Several runs may put at once, one of them
    goes through. What was not dropped is there again for the next run, also after a crash.
    """

    def __init__(self, file: Path, limit: int = SPOOL_LIMIT) -> None:
        """`file` is made when it is needed."""
        self._file = file
        self._taking = file.with_suffix(".sending")
        self._limit = limit
        self._lock: int | None = None
        self._lines: deque[str] | None = None

    def put(self, event: Mapping[str, Any]) -> bool:
        """False when the event is lost, because there is no room or the file cannot be written."""
        line = (json.dumps(event, sort_keys=True, separators=(",", ":")) + "\n").encode()
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                if os.fstat(handle).st_size + len(line) > self._limit:
                    return False
                os.write(handle, line)
            finally:
                os.close(handle)
        except OSError:
            return False
        return True

    def first(self) -> dict[str, Any] | None:
        """The first event of earlier runs; None when there is none, or when another run goes through them."""
        if self._lines is None:
            self._lines = deque(self._begin())
        while self._lines:
            try:
                event = json.loads(self._lines[0])
            except ValueError:
                event = None
            if isinstance(event, dict):
                return event
            self._lines.popleft()
        return None

    def drop(self) -> None:
        """The first event is done with."""
        if self._lines:
            self._lines.popleft()

    def close(self) -> None:
        """Puts back what is left."""
        if self._lock is None:
            return
        for line in self._lines or ():
            with contextlib.suppress(ValueError):
                self.put(json.loads(line))
        self._lines = deque()
        with contextlib.suppress(OSError):
            self._taking.unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None

    def _begin(self) -> list[str]:
        """Moves the file aside, so that this run's own events are not taken in it."""
        if not self._file.exists() and not self._taking.exists():
            return []
        try:
            self._lock = os.open(self._file.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            earlier = self._taking.read_bytes() if self._taking.exists() else b""
            if earlier:
                with self._file.open("ab") as target:
                    target.write(earlier)
            if self._file.exists():
                self._file.replace(self._taking)
            return self._taking.read_text("utf-8", "replace").splitlines()
        except OSError:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None
            return []
