"""
The states of a run's tasks where other machines can read them: immutable objects `000000.jsonl`, `000001.jsonl`, … in a
folder of the run below any URL of fsspec. Writing never holds up or fails the run.
"""

from __future__ import annotations

import importlib
import json
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

FLUSH_SECONDS: Final = 0.5
BEAT_SECONDS: Final = 10.0
"""An object is written at least this often, as long as the writer lives."""
CLOSE_SECONDS: Final = 15.0
_KEPT_SECONDS: Final = 7 * 86_400

Line = Mapping[str, Any]


def status_folder(url: str, dag_id: str, run_id: str, generation: str) -> str:
    """The folder of a run; `generation` tells apart what was written before the run was cleared."""
    return "/".join([url.rstrip("/"), *(quote(part, safe="") for part in (dag_id, run_id, generation))])


class StatusReader:
    """Reads each object once, in order."""

    def __init__(self, folder: str) -> None:
        """Reads nothing yet."""
        self._files, self._folder = _open(folder)
        self._next = 0

    def read(self) -> list[dict[str, Any]]:
        """The lines that are new; an object that is not there in full yet is read the next time."""
        lines: list[dict[str, Any]] = []
        while (data := self._object()) is not None:
            self._next += 1
            lines += [json.loads(line) for line in data.splitlines()]
        return lines

    def _object(self) -> bytes | None:
        try:
            data: bytes = self._files.cat_file(_name(self._folder, self._next))
        except (FileNotFoundError, NotADirectoryError):
            return None
        return data if data.endswith(b"\n") else None


class StatusWriter:
    """Writes lines from a thread of its own, together every half second."""

    def __init__(self, folder: str, warn: Callable[[str], None]) -> None:
        """`warn` is told once, from the writer's thread, when the place cannot be written to."""
        self._lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self._warn = warn
        self._thread = threading.Thread(target=self._work, args=(folder,), name="floe-status", daemon=True)
        self._thread.start()

    def put(self, line: Line) -> None:
        """Returns at once."""
        self._lines.put(line)

    def close(self) -> None:
        """Waits until all is written, at most for some seconds."""
        self._lines.put(None)
        self._thread.join(CLOSE_SECONDS)

    def _work(self, folder: str) -> None:
        try:
            files, path = _open(folder)
            files.makedirs(path, exist_ok=True)
            number = len(files.ls(path, detail=False))
            while (lines := self._collect()) is not None:
                text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines or [{"beat": True}])
                files.pipe_file(_name(path, number), text.encode())
                number += 1
            _remove_old(files, path)
        except Exception as error:
            self._warn(f"the status of the nodes cannot be written to {folder}: {type(error).__name__}: {error}")

    def _collect(self) -> list[Line] | None:
        """What came within half a second of the first line; empty after a while without any; None at the end."""
        try:
            line = self._lines.get(timeout=BEAT_SECONDS)
        except queue.Empty:
            return []
        if line is None:
            return None
        lines = [line]
        end = time.monotonic() + FLUSH_SECONDS
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                self._lines.put(None)
                break
            lines.append(line)
        return lines


def _open(url: str) -> tuple[Any, str]:
    """The file system and the path; fsspec comes with the orchestrator."""
    files, path = importlib.import_module("fsspec.core").url_to_fs(url)
    return files, str(path)


def _name(folder: str, number: int) -> str:
    return f"{folder}/{number:06d}.jsonl"


def _remove_old(files: Any, path: str) -> None:
    """Runs of a week ago, on a disk; an object store has rules of its own for that."""
    if "file" not in (files.protocol if isinstance(files.protocol, tuple) else (files.protocol,)):
        return
    runs = path.rsplit("/", 2)[0]
    for entry in files.ls(runs, detail=True):
        if entry["mtime"] < time.time() - _KEPT_SECONDS:
            files.rm(entry["name"], recursive=True)
