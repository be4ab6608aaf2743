"""Times of events: always with a zone, never backwards."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(timezone.utc)


def parse_time(text: str | None) -> datetime | None:
    """A time in ISO 8601; dbt's own times without a zone are UTC. None for what is no time."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return None
    return moment.astimezone(timezone.utc) if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def format_time(moment: datetime) -> str:
    """ISO 8601 in UTC, with Z."""
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
