"""The arguments of dbt; the same for every engine."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from floe_runtime.engine import EngineSettings
from floe_runtime.phases import Phase


def project_arguments(settings: EngineSettings) -> list[str]:
    """Which project with which profile; what dbt writes goes into the run's private folder."""
    dbt = settings.plan.dbt
    private = settings.private_dir
    return [
        *("--project-dir", str(dbt.project_dir), "--profiles-dir", str(dbt.profiles_dir)),
        *("--profile", dbt.profile, "--target", dbt.target, "--vars", json.dumps(dict(settings.vars))),
        *("--target-path", str(private / "target"), "--log-path", str(private / "logs")),
    ]


def invocation_arguments(settings: EngineSettings, phase: Phase, state: Path) -> list[str]:
    """`build` or `test` over exactly the nodes of the phase; `state` is a new folder for the selection."""
    arguments = [phase.command, *project_arguments(settings), "--threads", str(settings.threads)]
    if settings.full_refresh and phase.command == "build":
        arguments.append("--full-refresh")
    return [*arguments, *exact_selection(state, phase.ids)]


def exact_selection(state: Path, ids: Iterable[str]) -> list[str]:
    """
    Selects node sets of any size through dbt's public `result:` method, without touching the user's project: writes a
    run_results.json in which exactly the wanted nodes have failed.
    """
    results: list[dict[str, Any]] = [
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
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "env": {}},
        "results": results,
        "elapsed_time": 0.0,
        "args": {},
    }
    state.mkdir(parents=True)
    (state / "run_results.json").write_text(json.dumps(document), "utf-8")
    return ["--select", "result:error", "--state", str(state), "--indirect-selection", "empty", "--no-defer"]
