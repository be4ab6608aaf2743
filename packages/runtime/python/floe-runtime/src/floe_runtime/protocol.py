"""The lines that the child writes, as types. Nothing in here throws for what a child sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from floe_runtime.json_fields import FieldError, flag, list_field, object_field, text_field, text_list
from floe_runtime.run_request import PROTOCOL

LINE_LIMIT: Final = 4_000_000
"""Bytes of one line; what is longer is cut into several, which are then not understood."""


@dataclass(frozen=True)
class Hello:
    """The child's first line."""

    dbt_version: str


@dataclass(frozen=True)
class Ready:
    """The project is parsed; `absent` are the planned ids that it does not have."""

    absent: tuple[str, ...]


@dataclass(frozen=True)
class DbtEvent:
    """An event as dbt writes it with `--log-format json`, not checked yet."""

    info: Mapping[str, Any]
    data: Mapping[str, Any]


@dataclass(frozen=True)
class ChildFailure:
    """The invocation of dbt as a whole failed: `kind` is parse, interrupted, or dbt."""

    kind: str
    message: str


@dataclass(frozen=True)
class DbtDone:
    """dbt returned; `results` are entries as in run_results.json, at least those that no event has told."""

    success: bool
    results: tuple[Mapping[str, Any], ...]
    failure: ChildFailure | None


@dataclass(frozen=True)
class Refused:
    """The child speaks another protocol."""

    reason: str


@dataclass(frozen=True)
class NotUnderstood:
    """A line that is none of the protocol; it goes to the log."""

    text: str


ChildLine = Hello | Ready | DbtEvent | DbtDone | Refused | NotUnderstood


def parse_line(line: bytes) -> ChildLine:
    """One line of the child. Another protocol is refused in a sentence, any other surprise goes to the log."""
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return NotUnderstood(text)
    if not isinstance(data, dict):
        return NotUnderstood(text)
    if data.get("protocol", PROTOCOL) != PROTOCOL:
        return Refused(
            f"the dbt side speaks protocol {str(data['protocol'])[:20]}, this side speaks {PROTOCOL}: "
            "install floe-dbt and floe-runtime of the same version"
        )
    try:
        return _message(data) or NotUnderstood(text)
    except FieldError:
        return NotUnderstood(text)


def _message(data: Mapping[str, Any]) -> ChildLine | None:
    match data.get("type"):
        case "hello":
            return Hello(text_field(data, "dbt_version"))
        case "ready":
            return Ready(tuple(text_list(data, "absent")))
        case "event":
            return DbtEvent(object_field(data, "info"), object_field(data, "data"))
        case "done":
            failure = object_field(data, "failure")
            return DbtDone(
                success=flag(data, "success", False),
                results=tuple(entry for entry in list_field(data, "results") if isinstance(entry, dict)),
                failure=ChildFailure(str(failure.get("kind")), str(failure.get("message"))) if failure else None,
            )
        case _:
            return None
