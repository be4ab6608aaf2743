"""Progress of a run, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from floe_runtime.run_record import NodeResult

LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True)
class AttemptStarted:
    """dbt is about to run these nodes."""

    n: int
    """From 1."""
    delay: float
    """Seconds waited before it."""
    ids: frozenset[str]


@dataclass(frozen=True)
class NodeStarted:
    """Once per node and attempt; a skipped node starts, too, as dbt sees it."""

    id: str
    at: str | None


@dataclass(frozen=True)
class NodeFinished:
    """Once per node and attempt."""

    result: NodeResult
    attempt: int


@dataclass(frozen=True)
class LogLine:
    """A line for people, redacted."""

    level: LogLevel
    text: str
    node_id: str | None = None


RunEvent = AttemptStarted | NodeStarted | NodeFinished | LogLine
