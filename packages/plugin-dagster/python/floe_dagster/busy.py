"""Whether runs of a product are under way."""

from __future__ import annotations

import dagster as dg

from floe_dagster.run_guard import PRODUCT_TAG

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def product_is_busy(instance: dg.DagsterInstance, product: str) -> bool:
    """True while any run of the product has not ended."""
    runs = dg.RunsFilter(tags={PRODUCT_TAG: product}, statuses=UNFINISHED)
    return len(instance.get_run_ids(runs, limit=1)) > 0


def sensor_is_busy(instance: dg.DagsterInstance, product: str, sensor: str) -> bool:
    """True while a run that the sensor asked for has not ended."""
    runs = dg.RunsFilter(tags={PRODUCT_TAG: product, "dagster/sensor_name": sensor}, statuses=UNFINISHED)
    return len(instance.get_run_ids(runs, limit=1)) > 0
