"""The child process: a session of its own, a lifeline on stdin, a descriptor for events, output to a bounded log."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from floe_runtime.protocol import LINE_LIMIT

OUTPUT_LIMIT: Final = 64_000
"""Bytes of the child's own output that are kept, from its end."""


class OutputTail:
    """The last bytes of a stream."""

    def __init__(self, limit: int = OUTPUT_LIMIT) -> None:
        """`limit` in bytes."""
        self._limit = limit
        self._bytes = b""
        self._lock = threading.Lock()

    def add(self, data: bytes) -> None:
        """Appends."""
        with self._lock:
            self._bytes = (self._bytes + data)[-self._limit :]

    def text(self) -> str:
        """What is kept."""
        with self._lock:
            return self._bytes.decode("utf-8", "replace")


class ChildProcess:
    """
    Starts a command and hands each line of its event descriptor to `on_line`, then calls `on_end` once, after the
    process has ended and its lines are read. Both are called from another thread.
    """

    def __init__(
        self,
        command: Callable[[int], Sequence[str]],
        *,
        environ: Mapping[str, str],
        directory: Path,
        on_line: Callable[[bytes], None],
        on_end: Callable[[int], None],
        grace: float = 0,
    ) -> None:
        """
        `command` gets the number of the event descriptor. `grace` is for the rest of its group, in seconds, when it
        was killed by somebody else. Raises OSError when the program cannot be started.
        """
        self._grace = grace
        self.output = OutputTail()
        read_end, write_end = os.pipe()
        try:
            self._process = subprocess.Popen(
                command(write_end),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=dict(environ),
                cwd=directory,
                pass_fds=(write_end,),
                start_new_session=True,
            )
        except BaseException:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        self._write_lock = threading.Lock()
        self._end_lock = threading.Lock()
        self._reaped = False
        events = os.fdopen(read_end, "rb")
        threads = [
            threading.Thread(target=_read_lines, args=(events, on_line), name="floe-events", daemon=True),
            threading.Thread(
                target=_read_output, args=(self._process.stdout, self.output), name="floe-output", daemon=True
            ),
        ]
        for thread in threads:
            thread.start()
        threading.Thread(target=self._await_end, args=(threads, on_end), name="floe-child", daemon=True).start()

    @property
    def pid(self) -> int:
        """Also the number of its group and session."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """True when it is gone and `on_end` is about to be called, or was."""
        with self._end_lock:
            return self._reaped

    def send(self, message: Mapping[str, Any]) -> bool:
        """Writes one JSON line to the child; False when it does not read any more."""
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        with self._write_lock, contextlib.suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.write(line)
                self._process.stdin.flush()
                return True
        return False

    def cut_lifeline(self) -> None:
        """Closes the child's stdin."""
        with self._write_lock, contextlib.suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.close()

    def signal_group(self, number: signal.Signals) -> None:
        """Sends a signal to every process of the child's group."""
        with self._end_lock, contextlib.suppress(ProcessLookupError, PermissionError):
            if not self._reaped:
                os.killpg(self._process.pid, number)

    def _await_end(self, threads: Sequence[threading.Thread], on_end: Callable[[int], None]) -> None:
        # the unreaped child keeps the number of its group, so that the signal reaches no stranger
        end = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        if end is not None and end.si_code != os.CLD_EXITED:
            self._let_the_rest_end(threads)
        self.signal_group(signal.SIGKILL)
        with self._end_lock:
            code = self._process.wait()
            self._reaped = True
        for thread in threads:
            thread.join(5)
        self.cut_lifeline()
        on_end(code)

    def _let_the_rest_end(self, threads: Sequence[threading.Thread]) -> None:
        """What lives on in the group keeps the streams open; it gets the time to cancel its queries."""
        self.signal_group(signal.SIGINT)
        deadline = time.monotonic() + self._grace
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def _read_lines(stream: IO[bytes], on_line: Callable[[bytes], None]) -> None:
    with stream, contextlib.suppress(OSError, ValueError):
        while line := stream.readline(LINE_LIMIT):
            on_line(line)


def _read_output(stream: IO[bytes] | None, tail: OutputTail) -> None:
    if stream is None:
        return
    with stream, contextlib.suppress(OSError, ValueError):
        while data := os.read(stream.fileno(), 65_536):
            tail.add(data)
