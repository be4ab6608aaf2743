"""Progress of a run, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Union

from floe_runtime.run_record import NodeResult

LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True)
class AttemptStarted:
    n: int
    """From 1."""
    delay: float
    """Seconds waited before it."""
    ids: frozenset[str]


@dataclass(frozen=True)
class NodeStarted:
    id: str
    at: str | None


@dataclass(frozen=True)
class NodeFinished:
    """Once per node and attempt."""

    result: NodeResult
    attempt: int


@dataclass(frozen=True)
class LogLine:
    level: LogLevel
    text: str
    node_id: str | None = None


RunEvent = Union[AttemptStarted, NodeStarted, NodeFinished, LogLine]
