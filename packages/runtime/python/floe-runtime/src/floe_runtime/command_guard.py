"""
`python -m floe_runtime.command_guard EVENTS GRACE COMMAND…`: runs a dbt command with its output on the event
descriptor and sees to it that the command does not outlive whoever started it. Started by the command engine.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Final

_LOOK: Final = 0.2
_PR_SET_PDEATHSIG: Final = 1


def main(arguments: Sequence[str]) -> int:
    """The command's exit status; 128 + n when signal n has ended it."""
    events, grace, parent = int(arguments[0]), float(arguments[1]), os.getppid()
    # an interrupt of the group is for the command; this process waits for its end
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    command = subprocess.Popen(
        arguments[2:],
        stdin=subprocess.DEVNULL,
        stdout=events,
        preexec_fn=_interrupt_when_parent_dies,
    )
    os.close(events)
    lifeline = True
    while (code := command.poll()) is None:
        if lifeline and _is_cut(parent):
            lifeline = False
            command.send_signal(signal.SIGINT)
            deadline = time.monotonic() + grace
        if not lifeline:
            if time.monotonic() >= deadline:
                os.killpg(0, signal.SIGKILL)
            time.sleep(_LOOK)
    return code if code >= 0 else 128 - code


def _is_cut(parent: int) -> bool:
    readable, _, _ = select.select([0], [], [], _LOOK)
    return (bool(readable) and not os.read(0, 4096)) or os.getppid() != parent


def _interrupt_when_parent_dies() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))  # the entry point: the status of the command is that of its guard
