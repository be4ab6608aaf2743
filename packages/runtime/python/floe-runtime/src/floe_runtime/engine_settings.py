"""Puts together what an engine has to know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from floe_runtime.data_directory import DATA_DIRECTORY_VARIABLE, data_directory
from floe_runtime.engine import EngineSettings
from floe_runtime.partial_parse import partial_parse_folder
from floe_runtime.plan import Plan
from floe_runtime.run_record import RunError
from floe_runtime.run_request import RunRequest

_WITHOUT_ROW_COUNTS = frozenset({"duckdb"})
"""Adapters that do not tell how many rows a model has."""


def engine_settings(
    plan: Plan,
    request: RunRequest,
    ids: frozenset[str],
    *,
    private: Path,
    environ: Mapping[str, str],
    grace: float,
    count_rows: bool | None,
) -> EngineSettings | RunError:
    """The settings of a run; an error when the profile needs a data folder and there can be none."""
    data = data_directory(plan.bundle_dir, environ)
    variables = {**plan.dbt.vars, **request.vars}
    partial_parse: Path | None = partial_parse_folder(data, plan.dbt, variables)
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if DATA_DIRECTORY_VARIABLE in _read(plan.dbt.profiles_dir / "profiles.yml"):
            return RunError(
                "PYTHON_ENVIRONMENT_FAILED",
                f"cannot make the data folder {data}: {error.strerror}",
                f"Set {DATA_DIRECTORY_VARIABLE} to a folder that can be written and is kept between runs.",
            )
        partial_parse = None
    return EngineSettings(
        plan=plan,
        private_dir=private,
        data_dir=data,
        partial_parse_dir=partial_parse,
        environ={
            **environ,
            DATA_DIRECTORY_VARIABLE: str(data),
            "DBT_USE_FAST_TEST_EDGES": "1",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
            "PYTHONUNBUFFERED": "1",
        },
        vars=variables,
        threads=request.threads or plan.execution.threads,
        full_refresh=request.full_refresh,
        count_rows=plan.dbt.adapter in _WITHOUT_ROW_COUNTS if count_rows is None else count_rows,
        grace=grace,
        planned=ids,
    )


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
