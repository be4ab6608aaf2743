"""What stays of a run at Prefect: the record for floe, and a table of the results for people."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from floe_runtime.run_record import NodeResult, RunRecord, last_results

from floe_prefect.api import Api
from floe_prefect.definitions_data import DefinitionsData

RECORD_TYPE: Final = "floe-run-record"
TABLE_ROWS: Final = 2_000
_MESSAGE: Final = 300
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 5.0


def record_artifact(data: DefinitionsData, flow_run_id: str, text: str) -> dict[str, Any]:
    """The record of the run as JSON text, by which floe knows how the run ended."""
    return {
        "key": data["artifacts"]["record"],
        "type": RECORD_TYPE,
        "description": "The record of the run, for floe.",
        "data": text,
        "flow_run_id": flow_run_id,
    }


def results_artifact(data: DefinitionsData, flow_run_id: str, record: RunRecord) -> dict[str, Any]:
    """A table of all nodes; what went wrong comes first."""
    names = {node["id"]: node for node in data["nodes"]}
    results = sorted(
        last_results(record.attempts).values(), key=lambda result: (result.status == "succeeded", result.id)
    )
    rows = [_row(names.get(result.id, {}), result) for result in results[:TABLE_ROWS]]
    counts = ", ".join(f"{count} {status}" for status, count in record.counts.items())
    return {
        "key": data["artifacts"]["results"],
        "type": "table",
        "description": f"Results of {data['product']}: {record.outcome}; {counts or 'no nodes'}.",
        "data": rows,
        "flow_run_id": flow_run_id,
    }


def _row(node: Mapping[str, Any], result: NodeResult) -> dict[str, object]:
    return {
        "node": node.get("name", result.id),
        "kind": node.get("kind", ""),
        "status": result.status,
        "seconds": result.seconds,
        "rows": result.rows,
        "failures": result.failures,
        "message": (result.message or "")[:_MESSAGE],
    }


def write_artifact(
    api: Api, artifact: Mapping[str, Any], seconds: float, clock: Callable[[], float] = time.monotonic
) -> str | None:
    """Writes an artifact and goes on trying for so long; why it was not written, if it was not."""
    end = clock() + seconds
    pause = _FIRST_PAUSE
    while (failure := api("/artifacts/", artifact)) is not None:
        if not failure.may_pass or clock() + pause >= end:
            return failure.message
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE, 2 * pause)
    return None
