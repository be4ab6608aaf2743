"""Puts the definitions of a product together."""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

import dagster as dg
from floe_runtime.create_engine import prepared_engine
from floe_runtime.engine import Engine
from floe_runtime.plan import Plan

from floe_dagster.asset_specs import ProductSpecs, build_specs
from floe_dagster.build_op import build_assets
from floe_dagster.definitions_data import JobData, read_bundle_hash, read_definitions_data
from floe_dagster.run_guard import BUNDLE_TAG, PRODUCT_TAG
from floe_dagster.schedules import build_schedules
from floe_dagster.sensors import build_sensors


def product_definitions(bundle: Path) -> dg.Definitions:
    """Reads a bundle; everything in it was checked when it was made."""
    data = read_definitions_data(bundle)
    bundle_hash = read_bundle_hash(bundle)
    specs = build_specs(data)
    tags = {PRODUCT_TAG: data["product"], BUNDLE_TAG: bundle_hash, **data["run_tags"]}
    jobs = {job["name"]: _job(job, specs, tags) for job in data["jobs"]}
    return dg.Definitions(
        assets=[build_assets(data, specs, bundle, bundle_hash, _engine_of_run(bundle)), *specs.externals],
        jobs=list(jobs.values()),
        schedules=build_schedules(data, jobs),
        sensors=build_sensors(data, jobs, bundle),
        # dbt does the work in its own process: one more Python for the step would only cost time.
        executor=dg.in_process_executor,
    )


def _engine_of_run(bundle: Path) -> Engine | None:
    """In the process of a run, dbt's start goes on while Dagster prepares the run; None elsewhere."""
    is_run = multiprocessing.parent_process() is not None or "execute_run" in sys.argv
    return prepared_engine(Plan.read(bundle)) if is_run else None


def _job(job: JobData, specs: ProductSpecs, tags: dict[str, str]) -> dg.UnresolvedAssetJobDefinition:
    return dg.define_asset_job(
        job["name"],
        selection=_selection(job, specs),
        description=job["description"] or None,
        tags=tags,
        executor_def=dg.in_process_executor,
    )


def _selection(job: JobData, specs: ProductSpecs) -> dg.AssetSelection:
    assets = specs.assets if job["assets"] is None else [specs.assets[index] for index in job["assets"]]
    checks = specs.checks if job["checks"] is None else [specs.checks[index] for index in job["checks"]]
    selected_assets = dg.AssetSelection.assets(*(spec.key for spec in assets)).without_checks()
    selected_checks = dg.AssetSelection.checks(*(spec.key for spec in checks))
    if not assets:
        return selected_checks
    return selected_assets | selected_checks if checks else selected_assets
