"""The lines that the child writes, as types. Nothing in here throws for what a child sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Union

from floe_runtime.json_fields import FieldError, flag, list_field, optional_text, text_field, text_list
from floe_runtime.run_events import LogLevel
from floe_runtime.run_request import PROTOCOL

LINE_LIMIT: Final = 4_000_000
"""Bytes of one line; a longer one is not read."""


@dataclass(frozen=True)
class Hello:
    """The child's first line."""

    dbt_version: str


@dataclass(frozen=True)
class Ready:
    """The project is parsed; `absent` are the planned ids that it does not have."""

    absent: tuple[str, ...]


@dataclass(frozen=True)
class Started:
    id: str
    at: str | None


@dataclass(frozen=True)
class Finished:
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
    id: str
    name: str
    dbt_status: str
    message: str | None = None


@dataclass(frozen=True)
class Log:
    level: LogLevel
    text: str
    node_id: str | None = None


@dataclass(frozen=True)
class ChildFailure:
    """dbt as a whole failed: `kind` is parse, interrupted, or dbt."""

    kind: str
    message: str


@dataclass(frozen=True)
class InvocationDone:
    """dbt returned. `leftovers` are results that no node event has told, or has told otherwise."""

    success: bool
    leftovers: tuple[Finished, ...]
    hooks: tuple[Hook, ...]
    failure: ChildFailure | None


@dataclass(frozen=True)
class Counted:
    """Rows by id of a node."""

    rows: Mapping[str, int]


@dataclass(frozen=True)
class Refused:
    """The child speaks another protocol."""

    reason: str


@dataclass(frozen=True)
class NotUnderstood:
    """A line that is none of the protocol; it goes to the log."""

    text: str


ChildMessage = Union[Hello, Ready, Started, Finished, Hook, Log, InvocationDone, Counted, Refused, NotUnderstood]


def parse_line(line: bytes) -> ChildMessage:
    """One line of the child. A line of another protocol is refused in a sentence, any other surprise goes to the log."""
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return NotUnderstood(text)
    if not isinstance(data, dict) or "type" not in data:
        return NotUnderstood(text)
    if data.get("protocol", PROTOCOL) != PROTOCOL:
        return Refused(
            f"the dbt side speaks protocol {data['protocol']!r}, this side speaks {PROTOCOL}: "
            "install floe-dbt and floe-runtime of the same version"
        )
    try:
        return _message(data) or NotUnderstood(text)
    except FieldError:
        return NotUnderstood(text)


def _message(data: Mapping[str, Any]) -> ChildMessage | None:
    match data["type"]:
        case "hello":
            return Hello(text_field(data, "dbt_version"))
        case "ready":
            return Ready(tuple(text_list(data, "absent")))
        case "started":
            return Started(text_field(data, "id"), optional_text(data, "at"))
        case "finished":
            return _finished(data)
        case "hook":
            return _hook(data)
        case "log":
            level = data.get("level")
            known: LogLevel = level if level in ("debug", "info", "warning", "error") else "info"
            return Log(known, text_field(data, "text"), optional_text(data, "id"))
        case "done":
            return InvocationDone(
                success=flag(data, "success", False),
                leftovers=tuple(_finished(entry) for entry in _objects(data, "leftovers")),
                hooks=tuple(_hook(entry) for entry in _objects(data, "hooks")),
                failure=_failure(data.get("failure")),
            )
        case "counted":
            rows = data.get("rows")
            pairs = rows.items() if isinstance(rows, dict) else ()
            return Counted({key: value for key, value in pairs if _is_count(value)})
        case _:
            return None


def _objects(data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return [entry for entry in list_field(data, key) if isinstance(entry, dict)]


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _count(data: Mapping[str, Any], key: str) -> int | None:
    value = data.get(key)
    return value if isinstance(value, int) and _is_count(value) else None


def _finished(data: Mapping[str, Any]) -> Finished:
    seconds = data.get("seconds")
    return Finished(
        id=text_field(data, "id"),
        dbt_status=text_field(data, "dbt_status"),
        seconds=float(seconds) if isinstance(seconds, (int, float)) and 0 <= seconds < 1e12 else None,
        started_at=optional_text(data, "started_at"),
        finished_at=optional_text(data, "finished_at"),
        rows=_count(data, "rows"),
        failures=_count(data, "failures"),
        message=optional_text(data, "message"),
        cut_off=flag(data, "cut_off", False),
    )


def _hook(data: Mapping[str, Any]) -> Hook:
    return Hook(
        id=text_field(data, "id"),
        name=text_field(data, "name"),
        dbt_status=text_field(data, "dbt_status"),
        message=optional_text(data, "message"),
    )


def _failure(value: object) -> ChildFailure | None:
    if not isinstance(value, dict):
        return None
    return ChildFailure(kind=str(value.get("kind", "dbt")), message=str(value.get("message", "")))
