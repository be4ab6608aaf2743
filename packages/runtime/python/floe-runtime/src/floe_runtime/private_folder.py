"""The temporary folder that belongs to one run."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

_PREFIX: Final = "floe-run-"
_LEFT_BEHIND: Final = 7 * 24 * 3_600
"""Seconds after which a folder can only be one that a killed run has left."""


def make_private_folder() -> Path:
    """A new folder that only this user can read; takes away what killed runs have left."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    for other in folder.parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - other.stat().st_mtime > _LEFT_BEHIND:
                shutil.rmtree(other, ignore_errors=True)
    return folder
