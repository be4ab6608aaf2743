"""Exact node sets of any size: what dbt selects is what was wanted."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from bundles import DUCKDB_PROFILE, PROJECT, write_files
from floe_runtime.dbt_arguments import exact_selection

pytestmark = [pytest.mark.dbt, pytest.mark.full]

MODELS = 4_900
UNIT_TESTS = 200


def unit_test(n: int) -> str:
    return f"""
  - name: unit_{n}
    model: m{n}
    given: []
    expect: {{rows: [{{id: {n}}}]}}"""


def test_ten_thousand_nodes(tmp_path: Path) -> None:
    models = "".join(f"\n  - name: m{n}\n    columns: [{{name: id, data_tests: [not_null]}}]" for n in range(MODELS))
    units = "".join(unit_test(n) for n in range(UNIT_TESTS))
    files = {f"models/m{n}.sql": f"select {n} as id" for n in range(MODELS)}
    project = tmp_path / "shop"
    write_files(
        project, {**files, "dbt_project.yml": PROJECT, "models/all.yml": f"models:{models}\nunit_tests:{units}\n"}
    )
    write_files(tmp_path / "profiles", {"profiles.yml": DUCKDB_PROFILE})

    def ls(*selection: str) -> set[str]:
        command = [os.environ["FLOE_TEST_DBT_PYTHON"], "-m", "dbt.cli.main", "--quiet", "ls", "--output", "json"]
        command += [
            "--output-keys",
            "unique_id",
            "--project-dir",
            str(project),
            "--profiles-dir",
            str(tmp_path / "profiles"),
        ]
        command += ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs"), *selection]
        environ = {**os.environ, "FLOE_DATA_DIR": str(tmp_path), "DBT_USE_FAST_TEST_EDGES": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environ, check=True, timeout=500)
        return {line.split('"')[3] for line in done.stdout.splitlines() if line.startswith("{")}

    everything = ls("--resource-types", "model", "test", "unit_test")
    assert len(everything) == 2 * MODELS + UNIT_TESTS
    half = set(sorted(everything)[::2])
    for wanted in (everything, half, set(sorted(everything)[:1])):
        selection = exact_selection(tmp_path / f"state-{len(wanted)}", wanted)
        assert ls("--resource-types", "model", "test", "unit_test", *selection[:-1]) == wanted
