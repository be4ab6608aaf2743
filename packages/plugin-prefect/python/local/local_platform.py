"""
A local Prefect for development and tests: Prefect's own server and a process worker, as children of this process.

A new database is copied from a template that the first start leaves in the environment: the migrations of an empty
one take most of a start. At the end nothing is left: this process adopts what its children leave behind and ends it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType

_GRACE_SECONDS = 8.0
_PR_SET_CHILD_SUBREAPER = 36


class _Stop(Exception):
    pass


def main(port: int, pool: str, template: Path) -> int:
    """Serves until SIGTERM or SIGINT, or until the server or the worker ends."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    _adopt_orphans()
    database = Path(os.environ["PREFECT_HOME"]) / "prefect.db"
    is_new = not database.exists()
    children: list[subprocess.Popen[bytes]] = []
    try:
        if is_new and template.exists():
            shutil.copyfile(template, database)
        prefect = [sys.executable, "-m", "prefect"]
        server = subprocess.Popen([*prefect, "server", "start", "--host", "127.0.0.1", "--port", str(port)])
        children.append(server)
        if not _wait_until_ready(f"http://127.0.0.1:{port}/api/ready", server):
            return 1
        if is_new and not template.exists():
            _keep_template(database, template)
        arguments = ["worker", "start", "--pool", pool, "--type", "process", "--name", "floe-local"]
        children.insert(0, subprocess.Popen([*prefect, *arguments]))
        return _wait_for_end(children)
    except _Stop:
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        _end(children)
        _end_orphans()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _Stop


def _adopt_orphans() -> None:
    """Flow runs have sessions of their own; when their worker dies, they come to this process."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> bool:
    while server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
            if answer.status == 200:
                return True
        time.sleep(0.1)
    return False


def _keep_template(database: Path, template: Path) -> None:
    temporary = template.with_name(f".{template.name}.{os.getpid()}")
    try:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(temporary)) as copy:
            source.backup(copy)
        temporary.replace(template)
    except (OSError, sqlite3.Error):
        temporary.unlink(missing_ok=True)  # the environment cannot be written to: later starts take longer


def _wait_for_end(children: list[subprocess.Popen[bytes]]) -> int:
    while True:
        for child in children:
            code = child.poll()
            if code is not None:
                words = child.args if isinstance(child.args, list) else [child.args]
                print(f"{' '.join(map(str, words[1:4]))} ended with status {code}", flush=True)
                return 1
        time.sleep(0.2)


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """The worker first: it ends its runs and tells the server."""
    for child in children:
        if child.poll() is None:
            child.terminate()
        try:
            child.wait(_GRACE_SECONDS / 2)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _end_orphans() -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        end = time.monotonic() + _GRACE_SECONDS / 4
        while orphans := _children_of(os.getpid()):
            for pid in orphans:
                with suppress(OSError):
                    os.kill(pid, number)
            if time.monotonic() > end:
                break
            time.sleep(0.05)
            with suppress(OSError):
                while os.waitpid(-1, os.WNOHANG)[0] != 0:
                    pass


def _children_of(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        return [int(text) for text in children.read_text().split()]
    except OSError:
        return []


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))  # the entry point of the script
