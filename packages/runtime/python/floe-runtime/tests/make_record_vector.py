"""Prints vectors/run-record.json: records as the runtime writes them, for the readers in both languages."""

from __future__ import annotations

import json
import sys

from floe_runtime.run_record import Attempt, HookResult, NodeResult, ObserverReport, RunError, RunRecord

STARTED, FINISHED = "2026-01-02T03:04:05.000Z", "2026-01-02T03:05:05.000Z"


def records() -> dict[str, RunRecord]:
    """One record for each outcome."""
    good = NodeResult(
        id="model.shop.a",
        status="succeeded",
        dbt_status="success",
        seconds=0.5,
        started_at="2026-01-02T03:04:06.123456Z",
        finished_at="2026-01-02T03:04:06.623456Z",
        rows=42,
        message="OK",
    )
    bad = NodeResult(
        id="test.shop.not_null_a_id.0123456789",
        status="failed",
        dbt_status="fail",
        seconds=0.1,
        failures=3,
        message="Got 3 results",
    )
    behind = NodeResult(id="model.shop.b", status="skipped", dbt_status="skipped", seconds=0.0)
    return {
        "succeeded": RunRecord(
            key="run-1",
            bundle_hash="sha256:00",
            planned=1,
            outcome="succeeded",
            attempts=(Attempt(1, 0, (good,)),),
            hooks=(HookResult("shop.on-run-start.0", "succeeded"),),
            counts={"succeeded": 1},
            started_at=STARTED,
            finished_at=FINISHED,
            observers={"openlineage": ObserverReport(sent=4, spooled=2, note="the receiver does not answer")},
        ),
        "failed after a retry": RunRecord(
            key="run-2",
            bundle_hash=None,
            planned=3,
            outcome="failed",
            attempts=(Attempt(1, 0, (good, bad, behind)), Attempt(2, 4.5, (bad, behind))),
            counts={"failed": 1, "skipped": 1, "succeeded": 1},
            started_at=STARTED,
            finished_at=FINISHED,
        ),
        "project does not parse": RunRecord(
            key="run-3",
            bundle_hash="sha256:00",
            planned=1,
            outcome="failed",
            missing=("model.shop.a",),
            error=RunError(
                "DBT_PARSE_FAILED", "Compilation Error", "Mend the project; `dbt parse` shows the same error."
            ),
            started_at=STARTED,
            finished_at=FINISHED,
        ),
        "timed out": RunRecord(
            key="run-4",
            bundle_hash="sha256:00",
            planned=2,
            outcome="timed_out",
            missing=("model.shop.b",),
            attempts=(
                Attempt(1, 0, (NodeResult(id="model.shop.a", status="cancelled", message="the run was ended"),)),
            ),
            counts={"cancelled": 1},
            started_at=STARTED,
            finished_at=FINISHED,
        ),
        "cancelled": RunRecord(
            key="run-5", bundle_hash=None, planned=1, outcome="cancelled", missing=("model.shop.a",), started_at=STARTED
        ),
        "duplicate": RunRecord(key="run-6", bundle_hash=None, planned=1, outcome="duplicate"),
    }


def document() -> dict[str, object]:
    """The file's content."""
    return {
        "description": "Run records of protocol 1 as floe_runtime writes them.",
        "records": {name: json.loads(record.to_json()) for name, record in records().items()},
    }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2)
    sys.stdout.write("\n")
