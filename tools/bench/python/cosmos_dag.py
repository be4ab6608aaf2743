"""The generated project through Cosmos, as its documentation shows it; bench.json beside this file says which."""

import json
from datetime import datetime, timezone
from pathlib import Path

from airflow.sdk import DAG  # noqa: F401 - Airflow looks for this word before it reads a file
from cosmos import DbtDag, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, InvocationMode, LoadMode

_SETTINGS = json.loads((Path(__file__).parent / "bench.json").read_text("utf-8"))
_PROJECT = Path(_SETTINGS["project_dir"])
_MODE = ExecutionMode(_SETTINGS["mode"])

dag = DbtDag(
    dag_id=_SETTINGS["dag_id"],
    project_config=ProjectConfig(dbt_project_path=_PROJECT, manifest_path=_PROJECT / "target" / "manifest.json"),
    profile_config=ProfileConfig(
        profile_name=_SETTINGS["profile"],
        target_name=_SETTINGS["target"],
        profiles_yml_filepath=_PROJECT / "profiles.yml",
    ),
    execution_config=ExecutionConfig(execution_mode=_MODE, invocation_mode=InvocationMode.DBT_RUNNER),
    render_config=RenderConfig(load_method=LoadMode.DBT_MANIFEST),
    operator_args={"install_deps": False},
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    # DuckDB lets one process write at a time.
    **({"max_active_tasks": 1} if _MODE is ExecutionMode.LOCAL else {}),
)
