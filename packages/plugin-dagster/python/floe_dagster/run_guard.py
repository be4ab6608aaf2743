"""Which request a run carries, and whether another run of the same key is older."""

from __future__ import annotations

import dagster as dg
from floe_runtime.run_request import RunRequest

REQUEST_TAG = "floe/request"
KEY_TAG = "floe/key"
PRODUCT_TAG = "floe/product"
BUNDLE_TAG = "floe/bundle-hash"


def request_of(run: dg.DagsterRun) -> RunRequest:
    """The request of the client; runs of schedules, sensors and the web pages get the product's settings."""
    text = run.tags.get(REQUEST_TAG)
    if text is not None:
        return RunRequest.from_json(text)
    return RunRequest(key=run.tags.get(KEY_TAG, run.run_id))


def older_run(instance: dg.DagsterInstance, run: dg.DagsterRun, key: str) -> str | None:
    """The run that took the key first, unless it is this one or one that this one repeats."""
    family = run.root_run_id or run.run_id
    for record in instance.get_run_records(dg.RunsFilter(tags={KEY_TAG: key}), limit=50, ascending=True):
        other = record.dagster_run
        if other.run_id == run.run_id:
            return None
        if (other.root_run_id or other.run_id) != family:
            return other.run_id
    return None
