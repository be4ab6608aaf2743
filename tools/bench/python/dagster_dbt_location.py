"""The generated project through dagster-dbt, as its documentation shows it; bench.json beside this file says which."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

_SETTINGS = json.loads((Path(__file__).parent / "bench.json").read_text("utf-8"))
_PROJECT = DbtProject(project_dir=_SETTINGS["project_dir"])


@dbt_assets(manifest=_PROJECT.manifest_path)
def bench_models(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Every model and test of the project."""
    yield from dbt.cli(["build"], context=context).stream()


defs = dg.Definitions(
    assets=[bench_models],
    resources={"dbt": DbtCliResource(_PROJECT, dbt_executable=str(Path(sys.executable).parent / "dbt"))},
    jobs=[dg.define_asset_job("bench_build")],
    executor=dg.in_process_executor if _SETTINGS["executor"] == "in_process" else None,
)
