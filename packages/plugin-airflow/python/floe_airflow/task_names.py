"""The tasks that every product has."""

from __future__ import annotations

from typing import Final

BUILD_TASK: Final = "build"
VERDICT_TASK: Final = "verdict"
