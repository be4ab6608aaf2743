"""Commands of the adapter on stdin. When the adapter is gone, dbt is interrupted and the whole group ends."""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, Final

_LOOK: Final = 1.0
_LINE_LIMIT: Final = 64_000_000


class Lifeline:
    """Reads commands in a thread; `commands` gets each of them, None after the last."""

    def __init__(self, immediate: Callable[[dict[str, Any]], bool]) -> None:
        """`immediate` handles a command at once when it returns True, also while dbt is at work."""
        self.commands: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.grace = 10.0
        """Seconds that dbt gets to cancel its queries after the adapter is gone."""
        # a process that was forked from the adapter may keep its end of the pipe; then the parent tells
        self._parent = os.getppid()
        self._immediate = immediate
        self._finished = False
        self.orphaned = False
        """True when the adapter is gone."""
        threading.Thread(target=self._run, name="floe-lifeline", daemon=True).start()

    def _run(self) -> None:
        buffer = b""
        while os.getppid() == self._parent:
            readable, _, _ = select.select([0], [], [], _LOOK)
            if not readable:
                continue
            data = os.read(0, 1 << 20)
            if not data:
                break
            buffer += data
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                self._take(line)
            if len(buffer) > _LINE_LIMIT:
                break
        self.commands.put(None)
        if not self._finished:
            self._end_everything()

    def _take(self, line: bytes) -> None:
        try:
            command = json.loads(line)
        except ValueError:
            return
        if not isinstance(command, dict):
            return
        if command.get("type") == "finish":
            self._finished = True
            self.commands.put(None)
        elif not self._immediate(command):
            self.commands.put(command)

    def _end_everything(self) -> None:
        self.orphaned = True
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(self.grace)
        os.killpg(0, signal.SIGKILL)
