"""Exact node sets of any size through dbt's public `result:` selector; the user's project is not touched."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path


def write_selection(folder: Path, ids: Iterable[str], dbt_version: str) -> list[str]:
    """Writes a run_results.json in which the wanted nodes have failed; gives the arguments that select exactly them."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(timezone.utc).isoformat()
    results = [
        {
            "unique_id": node_id,
            "status": "error",
            "timing": [],
            "thread_id": "",
            "execution_time": 0.0,
            "adapter_response": {},
            "message": None,
            "failures": None,
            "compiled": False,
            "compiled_code": None,
            "relation_name": None,
        }
        for node_id in sorted(set(ids))
    ]
    document = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
            "dbt_version": dbt_version,
            "generated_at": now,
            "invocation_id": None,
            "env": {},
        },
        "results": results,
        "elapsed_time": 0.0,
        "args": {},
    }
    (folder / "run_results.json").write_text(json.dumps(document), "utf-8")
    return ["--select", "result:error", "--state", str(folder), "--indirect-selection", "empty", "--no-defer"]
