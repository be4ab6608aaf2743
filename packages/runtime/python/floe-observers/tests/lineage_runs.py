"""Whole runs as lineage events; prints vectors/lineage-events.json when it is started."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    for name in ("floe-observers", "floe-runtime"):
        sys.path.insert(0, str(Path(__file__).resolve().parents[2] / name / "src"))

from floe_observers.lineage_events import LineageEvents
from floe_observers.settings import lineage_settings
from floe_runtime.observation import ObservedRun
from floe_runtime.run_events import AttemptStarted, NodeFinished, NodeStarted, RunEvent
from floe_runtime.run_record import RunError, RunRecord
from openlineage.client.event_v2 import RunEvent as LineageEvent
from openlineage.client.serde import Serde
from shop import (
    FIRST_TRY,
    GOOD,
    HISTORY,
    NOT_NULL,
    ORDERS,
    RAW,
    SECOND_TRY,
    STAGING,
    at,
    attempt_events,
    observed,
    record_of,
    result,
    write_plan,
)

Event = dict[str, Any]


def lineage_of(run: ObservedRun, events: Sequence[RunEvent], record: RunRecord) -> list[Event]:
    """Every event of a run, as it is sent."""
    settings = lineage_settings(run.plan.observability, {})
    assert settings is not None
    lineage = LineageEvents(run, settings)
    sent: list[LineageEvent] = [lineage.run_started()]
    for event in events:
        match event:
            case AttemptStarted():
                lineage.attempt_started(event.n)
            case NodeStarted():
                sent += lineage.node_started(event.id, event.at)
            case NodeFinished():
                sent += lineage.node_finished(event.result, event.attempt)
            case _:
                pass
    sent += lineage.run_finished(record)
    return [Serde.to_dict(event) for event in sent]


def runs(folder: Path) -> dict[str, list[Event]]:
    """One run for each end."""
    plan = write_plan(folder)
    cut_off = result(ORDERS, "cancelled", None, 16)
    odd = (result(RAW, "unknown", "mystery", 10), result(STAGING, "failed", "partial success", 12))
    parse_error = RunError("DBT_PARSE_FAILED", "Compilation Error in canary-parse-51aa", "Mend the project.")
    return {
        "everything succeeds, on a schedule": lineage_of(
            observed(plan, nominal_time="2026-01-02T03:00:00+00:00"),
            attempt_events(1, GOOD),
            record_of("succeeded", [GOOD]),
        ),
        "a retry helps the model, then its test fails": lineage_of(
            observed(plan, "run-2"),
            [*attempt_events(1, FIRST_TRY), *attempt_events(2, SECOND_TRY)],
            record_of("failed", [FIRST_TRY, SECOND_TRY], key="run-2"),
        ),
        "the project does not parse": lineage_of(
            observed(plan, "run-3"),
            [],
            record_of("failed", [], key="run-3", missing=tuple(sorted(plan.ids)), error=parse_error),
        ),
        "cancelled while a node ran": lineage_of(
            observed(plan, "run-4"),
            [
                AttemptStarted(1, 0.0, plan.ids),
                NodeStarted(RAW, at(10)),
                NodeFinished(result(RAW, "succeeded", "success", 10, rows=3), 1),
                NodeStarted(ORDERS, at(16)),
            ],
            record_of("cancelled", [[cut_off]], key="run-4", missing=(HISTORY, NOT_NULL, STAGING)),
        ),
        "timed out, with a word that floe does not know": lineage_of(
            observed(plan, "run-5"),
            attempt_events(1, odd),
            record_of("timed_out", [], key="run-5"),
        ),
    }


def document() -> dict[str, Any]:
    """The file's content."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            "description": "Events as floe_observers sends them; TypeScript checks them against the official schemas.",
            "runs": runs(Path(folder)),
        }


def as_text(content: dict[str, Any]) -> str:
    """JSON with one event a line."""

    def lines(events: list[Event]) -> str:
        return ",\n".join(json.dumps(event, sort_keys=True, separators=(",", ":")) for event in events)

    runs = ",\n".join(f"{json.dumps(name)}: [\n{lines(events)}\n]" for name, events in content["runs"].items())
    return f'{{"description": {json.dumps(content["description"])}, "runs": {{\n{runs}\n}}}}\n'


if __name__ == "__main__":
    sys.stdout.write(as_text(document()))
