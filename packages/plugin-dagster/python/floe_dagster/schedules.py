"""Schedules from dagster.json."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from floe_dagster.busy import product_is_busy
from floe_dagster.definitions_data import DefinitionsData, ScheduleData


def build_schedules(
    data: DefinitionsData, jobs: Mapping[str, dg.UnresolvedAssetJobDefinition]
) -> list[dg.ScheduleDefinition]:
    """Schedules in their zones; only the enabled ones tick without being started by hand."""
    skip = data["on_busy"] == "skip"
    return [_schedule(entry, jobs[entry["job"]], data["product"], skip) for entry in data["schedules"]]


def _schedule(
    entry: ScheduleData, job: dg.UnresolvedAssetJobDefinition, product: str, skip_when_busy: bool
) -> dg.ScheduleDefinition:
    def should_execute(context: dg.ScheduleEvaluationContext) -> bool:
        return not product_is_busy(context.instance, product)

    return dg.ScheduleDefinition(
        name=entry["name"],
        job=job,
        cron_schedule=entry["cron"],
        execution_timezone=entry["timezone"],
        should_execute=should_execute if skip_when_busy else None,
        default_status=dg.DefaultScheduleStatus.RUNNING if entry["enabled"] else dg.DefaultScheduleStatus.STOPPED,
    )
