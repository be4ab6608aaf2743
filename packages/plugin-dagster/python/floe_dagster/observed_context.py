"""What Dagster knows of a run, for lineage and traces."""

from __future__ import annotations

from datetime import datetime, timezone

import dagster as dg
from floe_runtime.observation import RunContext

SCHEDULED_TIME_TAG = ".dagster/scheduled_execution_time"
RETRY_NUMBER_TAG = "dagster/retry_number"


def observed_context(run: dg.DagsterRun) -> RunContext:
    """The run with the slot of its schedule."""
    return RunContext(
        platform="dagster",
        platform_version=dg.__version__,
        run_id=run.run_id,
        nominal_time=_with_zone(run.tags.get(SCHEDULED_TIME_TAG)),
        again=_again(run),
    )


def _again(run: dg.DagsterRun) -> str | None:
    """A person repeats a run; Dagster itself puts one in the place of a lost one, which has not told its end."""
    return None if run.root_run_id is None or RETRY_NUMBER_TAG in run.tags else run.run_id


def _with_zone(text: str | None) -> str | None:
    """Dagster's own times are in UTC; what is no time is left out."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).isoformat()
