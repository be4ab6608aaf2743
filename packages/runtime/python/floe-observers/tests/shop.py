"""A product with every kind of node, and runs of it with fixed times."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from floe_runtime.node_status import NodeStatus
from floe_runtime.observation import ObservedRun, Observer, RunContext
from floe_runtime.plan import Plan
from floe_runtime.run_events import AttemptStarted, NodeFinished, NodeStarted, RunEvent
from floe_runtime.run_record import Attempt, NodeResult, RunError, RunOutcome, RunRecord, count_statuses
from floe_runtime.run_request import RunRequest

STARTED = "2026-01-02T03:04:05.000000Z"
FINISHED = "2026-01-02T03:05:00.000000Z"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"

RAW = "seed.shop.raw_orders"
STAGING = "model.shop.stg_orders"
ORDERS = "model.shop.orders"
HISTORY = "snapshot.shop.orders_history"
NOT_NULL = "test.shop.not_null_orders_id.0123456789"
RELATIONSHIP = "test.shop.relationships_orders_customer_id.abcdef0123"
UNIT = "unit_test.shop.orders.sums"
SOURCE = "source.shop.raw.orders"


def pipeline(**lineage: Any) -> dict[str, Any]:
    """pipeline.json."""

    def node(node_id: str, materialized: str, schema: str, upstream: Sequence[str]) -> dict[str, Any]:
        kind, _, name = node_id.split(".")
        relation = ["db", schema, name]
        return {
            "id": node_id,
            "kind": kind,
            "name": name,
            "materialized": materialized,
            "relation": relation,
            "upstream": list(upstream),
        }

    def check(check_id: str, name: str, kind: str, parents: Sequence[str], column: str | None) -> dict[str, Any]:
        return {
            "id": check_id,
            "name": name,
            "kind": kind,
            "primary": parents[0],
            "additional": list(parents[1:]),
            "severity": "error",
            "column": column,
        }

    return {
        "schema": 1,
        "product": {"name": "shop", "version": "1.0.0", "environment": "dev", "platform": "local"},
        "dbt": {
            "project_name": "shop",
            "profile": "shop",
            "target": "dev",
            "adapter": "duckdb",
            "vars": {},
            "project_dir": "dbt/shop",
            "profiles_dir": "profiles",
        },
        "nodes": [
            node(RAW, "seed", "raw", []),
            # the source is the table that the seed fills: one dataset
            node(STAGING, "view", "main", [RAW, SOURCE]),
            node(ORDERS, "incremental", "main", [STAGING]),
            node(HISTORY, "snapshot", "main", [ORDERS]),
        ],
        "checks": [
            check(NOT_NULL, "not_null_orders_id", "generic", [ORDERS], "id"),
            check(RELATIONSHIP, "relationships_orders_customer_id", "generic", [ORDERS, STAGING], "customer_id"),
            check(UNIT, "sums", "unit", [ORDERS], None),
        ],
        "sources": [{"id": SOURCE, "relation": ["db", "raw", "raw_orders"]}],
        "seeds_first": [],
        "execution": {},
        "observability": {
            "lineage": {
                "enabled": True,
                "namespace": "shop",
                "dataset_namespace": "duckdb://local/dev/shop",
                "columns": {ORDERS: [["id", "integer"], ["amount", None]]},
                "endpoint": None,
                "transport": None,
                "include_messages": False,
                **lineage,
            },
            "telemetry": {"enabled": False, "endpoint": "http://127.0.0.1:4318"},
        },
    }


def write_plan(folder: Path, **lineage: Any) -> Plan:
    """The plan of the product, from a bundle in the folder."""
    bundle = folder / ".bundles" / "shop" / "0123456789ab"
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / "pipeline.json").write_text(json.dumps(pipeline(**lineage)), "utf-8")
    (bundle / "bundle.json").write_text(json.dumps({"bundle_hash": "sha256:00"}), "utf-8")
    return Plan.read(bundle)


def observed(
    plan: Plan, key: str = "run-1", nominal_time: str | None = None, again: str | None = None, **request: Any
) -> ObservedRun:
    """A run of it."""
    context = RunContext("dagster", "1.13.0", "4f0c", "http://127.0.0.1:3000/runs/4f0c", nominal_time, again)
    return ObservedRun(plan, RunRequest(key=key, traceparent=TRACEPARENT, **request), plan.ids, context, STARTED)


def at(second: int) -> str:
    """A time in the run."""
    return f"2026-01-02T03:04:{second:02d}.000000Z"


def result(node_id: str, status: NodeStatus, dbt_status: str | None, second: int, **more: Any) -> NodeResult:
    """A node that took one second."""
    return NodeResult(
        id=node_id,
        status=status,
        dbt_status=dbt_status,
        seconds=1.0,
        started_at=at(second),
        finished_at=at(second + 1),
        **more,
    )


def attempt_events(n: int, results: Sequence[NodeResult]) -> list[RunEvent]:
    """An attempt as the runtime tells it: skipped nodes do not start."""
    events: list[RunEvent] = [AttemptStarted(n, 0.0, frozenset(one.id for one in results))]
    for one in results:
        if one.status != "skipped":
            events.append(NodeStarted(one.id, one.started_at))
        events.append(NodeFinished(one, n))
    return events


def record_of(
    outcome: RunOutcome,
    attempts: Sequence[Sequence[NodeResult]],
    *,
    key: str = "run-1",
    missing: tuple[str, ...] = (),
    error: RunError | None = None,
) -> RunRecord:
    """The end of a run."""
    return RunRecord(
        key=key,
        bundle_hash="sha256:00",
        planned=7,
        outcome=outcome,
        missing=missing,
        attempts=tuple(Attempt(n, 0.0, tuple(results)) for n, results in enumerate(attempts, 1)),
        error=error,
        counts=count_statuses([one for results in attempts for one in results]),
        started_at=STARTED,
        finished_at=FINISHED,
    )


def play(observer: Observer, run: ObservedRun, events: Sequence[RunEvent], record: RunRecord) -> None:
    """Tells a whole run."""
    observer.run_started(run)
    for event in events:
        match event:
            case AttemptStarted():
                observer.attempt_started(event)
            case NodeStarted():
                observer.node_started(event)
            case NodeFinished():
                observer.node_finished(event)
            case _:
                pass
    observer.run_finished(record)


GOOD = (
    result(RAW, "succeeded", "success", 10, rows=3),
    result(STAGING, "succeeded", "success", 12),
    result(UNIT, "succeeded", "pass", 14),
    result(ORDERS, "succeeded", "success", 16, rows=0),
    result(NOT_NULL, "succeeded", "pass", 18, failures=0),
    result(RELATIONSHIP, "warned", "warn", 20, failures=2),
    result(HISTORY, "succeeded", "no-op", 22),
)
SECRET_MESSAGE = "Database Error: password=canary-message-7f3a in select 'canary-sql-9c1d'"
FIRST_TRY = (
    result(RAW, "succeeded", "success", 10, rows=3),
    result(STAGING, "failed", "error", 12, message=SECRET_MESSAGE),
    NodeResult(id=ORDERS, status="skipped", dbt_status="skipped", started_at=at(13), finished_at=at(13)),
    NodeResult(id=NOT_NULL, status="skipped", dbt_status="skipped", started_at=at(13), finished_at=at(13)),
)
SECOND_TRY = (
    result(STAGING, "succeeded", "success", 20),
    result(ORDERS, "succeeded", "success", 22, rows=7),
    result(NOT_NULL, "failed", "fail", 24, failures=3, message=SECRET_MESSAGE),
)
