"""The W3C traceparent that travels with a run request."""

from __future__ import annotations

import re
from typing import Final

_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")


def trace_id_of(traceparent: str | None) -> str | None:
    """The trace that the client has begun; None without one."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    return found["trace"] if found and set(found["trace"]) != {"0"} else None
