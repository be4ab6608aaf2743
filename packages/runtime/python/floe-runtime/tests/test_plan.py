"""The bundle's plan, the folder for data, and how an attempt is cut into invocations."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from floe_runtime.data_directory import data_directory
from floe_runtime.phases import Phase, phases_of
from floe_runtime.plan import Plan, PlanError
from floe_runtime.private_folder import make_private_folder
from floe_runtime.run_record import Attempt, NodeResult, RunRecord
from test_retry import plan as graph

PIPELINE: dict[str, Any] = {
    "schema": 1,
    "product": {"name": "shop"},
    "dbt": {
        "project_name": "shop",
        "profile": "p",
        "target": "dev",
        "project_dir": "dbt/shop",
        "profiles_dir": "profiles",
    },
    "nodes": [{"id": "a", "kind": "model", "name": "a", "relation": ["db", "main", "a"], "upstream": []}],
    "checks": [{"id": "t", "name": "t", "kind": "generic", "primary": "a"}],
    "execution": {"timeout": 60, "retries": {"max": 2, "initial_delay": 1}},
}


def write(folder: Path, pipeline: object) -> Path:
    (folder / "pipeline.json").write_text(json.dumps(pipeline), "utf-8")
    (folder / "bundle.json").write_text('{"bundle_hash": "sha256:1"}', "utf-8")
    return folder


def test_a_plan_with_its_defaults(tmp_path: Path) -> None:
    plan = Plan.read(write(tmp_path, PIPELINE))
    assert plan.ids == {"a", "t"}
    assert plan.bundle_hash == "sha256:1"
    assert plan.dbt.project_dir == tmp_path.resolve() / "dbt" / "shop"
    assert (plan.execution.timeout, plan.execution.threads, plan.execution.node_timeout) == (60, 4, None)
    assert (plan.execution.retries.max, plan.execution.retries.initial_delay, plan.execution.retries.factor) == (
        2,
        1,
        2,
    )


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ({**PIPELINE, "schema": 2}, "has schema 2, this runtime reads 1"),
        ({**PIPELINE, "nodes": [{"id": 1}]}, "id must be a string"),
        ({**PIPELINE, "execution": {"timeout": -1}}, "timeout must be above 0"),
        ([], "must hold a JSON object"),
    ],
)
def test_a_plan_that_is_wrong_is_refused_in_a_sentence(tmp_path: Path, pipeline: object, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        Plan.read(write(tmp_path, pipeline))


def test_a_folder_without_a_plan(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot read"):
        Plan.read(tmp_path)


def test_the_data_folder(tmp_path: Path) -> None:
    bundle = tmp_path / ".bundles" / "shop" / "0123456789ab"
    assert data_directory(bundle, {}) == tmp_path.resolve() / ".data"
    assert data_directory(tmp_path / "bundle", {}) == tmp_path.resolve() / ".data"
    assert data_directory(bundle, {"FLOE_DATA_DIR": "/data"}) == Path("/data")


def test_phases_put_seeds_of_sources_first_and_lonely_unit_tests_apart() -> None:
    plan = replace(
        graph({"s": [], "a": [], "b": ["a"]}, {"t": ("generic", ["a"]), "u": ("unit", ["b"])}), seeds_first=("s",)
    )
    everything = plan.ids
    assert phases_of(plan, everything) == [
        Phase("build", frozenset({"s"})),
        Phase("build", everything - {"s"}, whole=True),
    ]
    assert phases_of(plan, frozenset({"a", "t", "u"})) == [
        Phase("test", frozenset({"u"})),
        Phase("build", frozenset({"a", "t"})),
    ]
    assert phases_of(plan, frozenset({"t", "u"})) == [Phase("test", frozenset({"t", "u"}))]


def test_a_large_record_keeps_what_did_not_succeed() -> None:
    good = [NodeResult(id=f"model.shop.good_{n}", status="succeeded", message="x" * 100) for n in range(10_000)]
    bad = [NodeResult(id=f"model.shop.bad_{n}", status="failed", message="y" * 100) for n in range(10)]
    record = RunRecord(
        "k", None, 10_010, "failed", attempts=(Attempt(1, 0, (*good, *bad)),), counts={"succeeded": 10_000}
    )
    text = record.to_json()
    assert len(text) <= 1_000_000
    data = json.loads(text)
    assert data["truncated"] is True
    assert [node["id"] for node in data["attempts"][0]["nodes"]] == [node.id for node in bad]
    assert data["counts"] == {"succeeded": 10_000}
    huge = replace(record, attempts=(Attempt(1, 0, tuple(replace(node, status="failed") for node in good)),))
    assert len(huge.to_json()) <= 1_000_000


def test_folders_of_killed_runs_are_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, new, other = (tmp_path / name for name in ("floe-run-old", "floe-run-new", "unrelated"))
    for folder in (old, new, other):
        folder.mkdir()
    for folder in (old, other):
        os.utime(folder, (0, 0))
    made = make_private_folder()
    assert set(tmp_path.iterdir()) == {made, new, other}
    assert made.stat().st_mode & 0o077 == 0
