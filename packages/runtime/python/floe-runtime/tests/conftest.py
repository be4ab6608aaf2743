"""Shared by all tests: where dbt's Python and the vectors are, and that no process is left."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

PACKAGE = Path(__file__).resolve().parents[3]
REPOSITORY = PACKAGE.parents[1]
SOURCES = [str(PACKAGE / "python" / name / "src") for name in ("floe-runtime", "floe-dbt")]
sys.path[:0] = SOURCES


def pytest_configure(config: pytest.Config) -> None:
    """Child processes find the sources, and the dbt of the local Dagster environment when no other is named."""
    config.addinivalue_line("markers", "dbt: needs dbt and dbt-duckdb (FLOE_TEST_DBT_PYTHON)")
    config.addinivalue_line("markers", "full: part of the long matrix only")
    config.addinivalue_line("markers", "postgres: needs PostgreSQL and dbt-postgres (FLOE_TEST_POSTGRES_PYTHON)")
    settings.register_profile(
        "floe", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("floe")
    os.environ["PYTHONPATH"] = os.pathsep.join(SOURCES)
    tools = REPOSITORY / ".floe" / "tools"
    os.environ.setdefault("FLOE_TEST_DBT_PYTHON", str(tools / "dagster" / "bin" / "python"))
    os.environ.setdefault("FLOE_TEST_POSTGRES_PYTHON", str(tools / "dagster-postgres" / "bin" / "python"))


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], Any]:
    """Reads a file of vectors/."""
    return lambda name: json.loads((PACKAGE / "vectors" / name).read_text("utf-8"))


@pytest.fixture
def recording() -> Callable[[str], tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """Events and run results that a real dbt 1.11 has written, cut to the fields that are read."""

    def read(name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        lines = (Path(__file__).parent / "recordings" / f"{name}.jsonl").read_text("utf-8").splitlines()
        documents = [json.loads(line) for line in lines]
        events = [document for document in documents if "info" in document]
        results = [entry for document in documents for entry in document.get("results", [])]
        return events, results

    return read
