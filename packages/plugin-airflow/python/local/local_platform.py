"""
A local Airflow for development and tests: Airflow's own components below one process that ends them all.

They are forks of one process that has loaded Airflow already: together they start several times faster than as
separate commands. Whatever a component leaves behind is adopted by this process (Linux) and ended with it.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

import psutil
from setproctitle import setproctitle

_COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
_PRELOADED = (
    "airflow.api_fastapi.core_api.app",
    "airflow.cli.commands.api_server_command",
    "airflow.dag_processing.manager",
    "airflow.jobs.scheduler_job_runner",
    "airflow.jobs.triggerer_job_runner",
    "airflow.executors.local_executor",
    "airflow.sdk",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
)
_PR_SET_CHILD_SUBREAPER = 36
_GRACE_SECONDS = 12.0
_POLL_SECONDS = 0.2


def main() -> int:
    """Runs until SIGTERM or SIGINT, or until a component ends by itself."""
    _adopt_orphans()
    for module in _PRELOADED:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    if _wait(_fork(_command("db", "migrate"))) != 0:
        print("The database of Airflow could not be made", file=sys.stderr)
        return 1
    stopped = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    components = {_fork(_command(name)): name for name in _COMPONENTS}
    while not stopped:
        pid, status = _reap()
        if pid in components:
            # A component that was killed is a test of what the others do; Airflow goes on without it.
            print(f"The {components.pop(pid)} of Airflow ended ({status})", file=sys.stderr)
            if not components:
                break
        if pid == 0:
            time.sleep(_POLL_SECONDS)
    _end(list(components))
    return 0 if stopped else 1


def _command(*arguments: str) -> Callable[[], None]:
    def run() -> None:
        from airflow.__main__ import main as airflow

        setproctitle(f"airflow {arguments[0]}")
        sys.argv = ["airflow", *arguments]
        airflow()

    return run


def _fork(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid != 0:
        return pid
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    status = 1
    try:
        work()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)  # a fork must not run what its parent has registered for its own end


def _wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _reap() -> tuple[int, int]:
    """Collects one process that has ended: (id, status), or (0, 0)."""
    try:
        return os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return (0, 0)


def _end(components: list[int]) -> None:
    for pid in components:
        _signal(pid, signal.SIGTERM)
    end = time.monotonic() + _GRACE_SECONDS
    me = psutil.Process()
    while time.monotonic() < end and psutil.Process().children():
        if _reap()[0] == 0:
            time.sleep(_POLL_SECONDS)
    # Processes of tasks have groups of their own, so that ending this one's group would miss them.
    while children := me.children(recursive=True):
        for child in children:
            _signal(child.pid, signal.SIGKILL)
        while _reap()[0] != 0:
            pass
        time.sleep(_POLL_SECONDS / 4)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())  # the entry point of the script
