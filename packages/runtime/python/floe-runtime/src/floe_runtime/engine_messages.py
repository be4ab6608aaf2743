"""What an engine tells the supervisor, whichever engine it is."""

from __future__ import annotations

from dataclasses import dataclass

from floe_runtime.protocol import ChildFailure, Hello, NotUnderstood, Ready, Refused
from floe_runtime.run_events import LogLevel


@dataclass(frozen=True)
class Started:
    """A node began."""

    id: str
    at: str | None = None


@dataclass(frozen=True)
class Finished:
    """A node ended."""

    id: str
    dbt_status: str
    seconds: float | None = None
    started_at: str | None = None
    finished_at: str | None = None
    rows: int | None = None
    failures: int | None = None
    message: str | None = None
    cut_off: bool = False
    """dbt cancelled it; its own word for that is `error` or `skipped`."""


@dataclass(frozen=True)
class Hook:
    """An on-run-start or on-run-end hook ended."""

    id: str
    name: str
    dbt_status: str
    message: str | None = None


@dataclass(frozen=True)
class Log:
    """A line for people."""

    level: LogLevel
    text: str
    node_id: str | None = None


@dataclass(frozen=True)
class InvocationDone:
    """dbt returned. `leftovers` are results that no node event has told, or has told otherwise."""

    success: bool
    leftovers: tuple[Finished, ...] = ()
    hooks: tuple[Hook, ...] = ()
    failure: ChildFailure | None = None


@dataclass(frozen=True)
class Exited:
    """The engine's process is gone, with everything that it had started; the last item of an engine."""

    code: int | None
    """As subprocess counts: negative for a signal; None when it could not be found out."""


EngineItem = Hello | Ready | Started | Finished | Hook | Log | InvocationDone | Refused | NotUnderstood | Exited
