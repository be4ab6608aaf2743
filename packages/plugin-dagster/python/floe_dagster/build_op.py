"""The one op of a product: runs dbt once, in the floe runtime, and reports every node as it ends."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from floe_runtime.dbt_run import DbtRun
from floe_runtime.engine import Engine
from floe_runtime.load_observers import observers_of
from floe_runtime.plan import Plan
from floe_runtime.run_events import LogLine, NodeFinished, NodeStarted, RunEvent
from floe_runtime.run_record import RunError, RunRecord, last_results
from floe_runtime.run_request import RunRequest
from floe_runtime.ticking_events import ticking

from floe_dagster.asset_specs import ProductSpecs
from floe_dagster.definitions_data import DefinitionsData
from floe_dagster.node_events import NativeEvents, state_of
from floe_dagster.observed_context import observed_context
from floe_dagster.run_guard import BUNDLE_TAG, KEY_TAG, PRODUCT_TAG, older_run, request_of
from floe_dagster.run_report import RECORD_LABEL, RunReport

NodeEvent = dg.MaterializeResult[None] | dg.AssetCheckResult
_SHOWN = 5


def build_assets(
    data: DefinitionsData, specs: ProductSpecs, bundle: Path, bundle_hash: str, engine: Engine | None
) -> dg.AssetsDefinition:
    """The multi-asset of the product; any part of it can be selected. `engine` of the run, when it is prepared."""

    @dg.multi_asset(
        name=data["op"],
        specs=specs.assets,
        check_specs=specs.checks,
        can_subset=True,
        pool=data["pool"],
        # Checks on sources belong to assets outside of this op.
        allow_arbitrary_check_specs=True,
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[NodeEvent]:
        request = request_of(context.run)
        _tag_run(context, request, data["product"], bundle_hash)
        report = RunReport(context)
        _refuse_stale(report, request, bundle_hash)
        _refuse_duplicate(context, report, request, bundle_hash)
        plan = Plan.read(bundle)
        observers = observers_of(plan)
        run = DbtRun(
            plan,
            request,
            _selected(context, specs),
            engine=engine,
            observers=observers,
            context=observed_context(context.run),
        )
        yield from _run(context, report, run, specs)

    return build


def _run(context: dg.AssetExecutionContext, report: RunReport, run: DbtRun, specs: ProductSpecs) -> Iterator[NodeEvent]:
    natives = NativeEvents(context, specs)
    try:
        with run:
            for event in ticking(run.events()):
                if isinstance(event, NodeFinished):
                    native = natives.event_for(event.result)
                    report.ended(event.result.id)
                    if native is None:
                        report.node(state_of(event.result))
                    else:
                        yield native
                else:
                    _note(report, event)
        yield from natives.held_back()
    finally:
        # Also after a cancellation: the record is the last word about the run.
        record = run.record
        text = record.to_json()
        report.record(text, record.outcome)
    if record.outcome != "succeeded":
        raise dg.Failure(
            description=_description(record),
            metadata={RECORD_LABEL: dg.MetadataValue.text(text)},
            allow_retries=False,
        )


def _note(report: RunReport, event: RunEvent | None) -> None:
    """What is written into the event log together with other news."""
    if event is None:
        report.flush()
    elif isinstance(event, NodeStarted):
        report.node({"id": event.id, "status": "running"})
    elif isinstance(event, LogLine):
        report.log(event.level, event.text)


def _selected(context: dg.AssetExecutionContext, specs: ProductSpecs) -> frozenset[str] | None:
    """The dbt unique_ids that Dagster asks for; None is everything."""
    assets = context.selected_asset_keys
    checks = context.selected_asset_check_keys
    if len(assets) == len(specs.assets) and len(checks) == len(specs.checks):
        return None
    ids = [specs.asset_ids[key] for key in assets] + [specs.check_ids[key] for key in checks]
    return frozenset(ids)


def _tag_run(context: dg.AssetExecutionContext, request: RunRequest, product: str, bundle_hash: str) -> None:
    """Runs that were started from Dagster's web pages get the tags by which floe finds runs."""
    tags = {KEY_TAG: request.key, PRODUCT_TAG: product, BUNDLE_TAG: bundle_hash}
    missing = {name: value for name, value in tags.items() if context.run.tags.get(name) != value}
    if missing:
        context.instance.add_run_tags(context.run.run_id, missing)


def _refuse_stale(report: RunReport, request: RunRequest, bundle_hash: str) -> None:
    if request.bundle_hash in (None, bundle_hash):
        return
    message = f"The run was planned with bundle {request.bundle_hash}, but {bundle_hash} is deployed."
    error = RunError("DEPLOYMENT_STALE", message, "Deploy the product and start the run again.")
    report.record(RunRecord(request.key, bundle_hash, 0, "failed", error=error).to_json(), "failed")
    raise dg.Failure(description=message, allow_retries=False)


def _refuse_duplicate(
    context: dg.AssetExecutionContext, report: RunReport, request: RunRequest, bundle_hash: str
) -> None:
    other = older_run(context.instance, context.run, request.key)
    if other is None:
        return
    report.record(RunRecord(request.key, bundle_hash, 0, "duplicate").to_json(), "duplicate", duplicate_of=other)
    raise dg.Failure(
        description=f"Run {other} has the key {request.key} already; this run does nothing.", allow_retries=False
    )


def _description(record: RunRecord) -> str:
    """What the web pages and the client show first."""
    if record.error is not None:
        return record.error.message
    results = last_results(record.attempts)
    failed = [result for result in results.values() if result.status in ("failed", "unknown")]
    lines = [f"{result.id}: {result.message or result.dbt_status or result.status}" for result in failed[:_SHOWN]]
    more = [f"and {len(failed) - _SHOWN} more"] if len(failed) > _SHOWN else []
    missing = [f"{len(record.missing)} planned nodes did not run"] if record.missing else []
    return "\n".join([f"dbt run {record.outcome}", *lines, *more, *missing])
