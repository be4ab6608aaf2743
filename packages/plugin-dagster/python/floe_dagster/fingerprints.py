"""What a sensor looks at in Dagster's own database, reduced to a text that changes when something new happened."""

from __future__ import annotations

import dagster as dg

from floe_dagster.run_guard import PRODUCT_TAG


def of_product(instance: dg.DagsterInstance, product: str) -> str | None:
    """The newest successful run of a product, in whichever code location it ran."""
    runs = dg.RunsFilter(tags={PRODUCT_TAG: product}, statuses=[dg.DagsterRunStatus.SUCCESS])
    ids = instance.get_run_ids(runs, limit=1)
    return ids[0] if ids else None


def of_asset(instance: dg.DagsterInstance, asset: dg.AssetKey) -> str | None:
    """The newest materialization of an asset, in whichever code location it was made."""
    event = instance.get_latest_materialization_event(asset)
    return None if event is None else f"{event.run_id}@{event.timestamp}"
