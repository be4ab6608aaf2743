"""How a run ended, in few words and as Prefect's state."""

from __future__ import annotations

from typing import Any, Final

from floe_runtime.run_record import RunRecord, last_results
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

_SHOWN: Final = 5


def final_state(record: RunRecord) -> State[Any]:
    """The state of the flow run: returned, not thrown, so that no stack trace hides what went wrong."""
    message = describe(record)
    if record.outcome == "succeeded":
        return Completed(message=message)
    if record.outcome == "timed_out":
        return Failed(name="TimedOut", message=message)
    if record.outcome == "cancelled":
        return Cancelled(message=message)
    return Failed(message=message)


def describe(record: RunRecord) -> str:
    """What Prefect's pages and the client show first."""
    if record.error is not None:
        return f"{record.error.message} {record.error.resolution}"
    results = last_results(record.attempts)
    failed = [result for result in results.values() if result.status in ("failed", "unknown")]
    lines = [f"{result.id}: {result.message or result.dbt_status or result.status}" for result in failed[:_SHOWN]]
    more = [f"and {len(failed) - _SHOWN} more"] if len(failed) > _SHOWN else []
    missing = [f"{len(record.missing)} planned nodes did not run"] if record.missing else []
    counts = ", ".join(f"{count} {status}" for status, count in record.counts.items())
    return "\n".join([f"dbt run {record.outcome}{f': {counts}' if counts else ''}", *lines, *more, *missing])
