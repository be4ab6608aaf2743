"""Which failures go away by themselves: one table for node results and for failures of dbt as a whole."""

from __future__ import annotations

import re
from typing import Final, Literal

ErrorClass = Literal["transient", "data"]

TRANSIENT_ERRORS: Final[tuple[tuple[str, str], ...]] = (
    (
        "connection lost",
        r"could not connect|could not translate host name|name or service not known|"
        r"connection (?:to server .{0,80} failed|refused|reset|timed out|is closed|already closed|lost|aborted)|"
        r"server closed the connection|terminating connection|connection has been closed|remote end closed|"
        r"ssl (?:syscall|connection has been closed)|eof detected|broken pipe|network is unreachable|no route to host|"
        r"the database system is (?:starting up|shutting down|in recovery)|"
        r"too many (?:connections|clients)|remaining connection slots|failed to (?:connect|establish a new connection)",
    ),
    (
        "lock",
        r"could not set lock on file|conflicting lock is held|could not obtain lock|lock (?:wait )?timeout|"
        r"deadlock (?:detected|found)|could not serialize access|serialization failure|"
        r"write-write conflict|conflict on (?:update|tuple|table)|concurrent (?:update|delete|insert|transaction)|"
        r"tuple concurrently (?:updated|deleted)|catalog write-write conflict",
    ),
    (
        "warehouse timeout",
        r"statement timeout|lock timeout|query (?:has )?timed out|read timed out|timeout (?:expired|exceeded)|"
        r"deadline exceeded|temporarily unavailable|service unavailable|too many requests|rate limit exceeded|"
        r"(?:http|status|code|error)[ :=]*(?:429|502|503|504)\b",
    ),
    ("time limit of a node", r"^stopped by its time limit"),
)
"""Name and pattern over dbt's message, without regard to case."""

_TRANSIENT: Final = re.compile("|".join(f"(?:{pattern})" for _, pattern in TRANSIENT_ERRORS), re.IGNORECASE)


def error_class(dbt_status: str | None, message: str | None) -> ErrorClass:
    """
    `transient` when the same work may succeed later; `data` for failed tests, SQL and compilation errors and
    everything that is not known.
    """
    if dbt_status == "fail":
        return "data"
    return "transient" if message and _TRANSIENT.search(message) else "data"
