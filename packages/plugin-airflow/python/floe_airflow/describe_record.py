"""A record in words: what Airflow's pages and the client show first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_SHOWN = 5


def describe_record(record: Mapping[str, Any]) -> str:
    """The outcome, the error of the run and the first nodes that failed."""
    return "\n".join(_lines(record))


def _lines(record: Mapping[str, Any]) -> Iterator[str]:
    yield f"dbt run {record['outcome']}"
    if record["error"] is not None:
        yield str(record["error"]["message"])
    last = {node["id"]: node for attempt in record["attempts"] for node in attempt["nodes"]}
    failed = [node for node in last.values() if node["status"] in ("failed", "unknown")]
    for node in failed[:_SHOWN]:
        yield f"{node['id']}: {node['message'] or node['dbt_status'] or node['status']}"
    if len(failed) > _SHOWN:
        yield f"and {len(failed) - _SHOWN} more"
    if record["missing"]:
        yield f"{len(record['missing'])} planned nodes did not run"
