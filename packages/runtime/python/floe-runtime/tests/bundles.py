"""Makes bundles out of small dbt projects, as core's assembleBundle does."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from floe_runtime.partial_parse import partial_parse_folder
from floe_runtime.plan import Plan

DUCKDB_PROFILE = """
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: "{{ env_var('FLOE_DATA_DIR') }}/warehouse.duckdb"
      threads: 4
      settings: {threads: 1}
"""

PROJECT = """
name: shop
version: '1.0'
profile: shop
model-paths: [models]
seed-paths: [seeds]
snapshot-paths: [snapshots]
test-paths: [tests]
macro-paths: [macros]
"""


def make_bundle(
    folder: Path,
    files: Mapping[str, str],
    *,
    profile: str = DUCKDB_PROFILE,
    execution: Mapping[str, Any] | None = None,
    seeds_first: list[str] | None = None,
    project: str = PROJECT,
) -> Path:
    """A bundle with a pipeline.json made from dbt's own manifest; returns its folder."""
    bundle = folder / ".bundles" / "shop" / "0123456789ab"
    dbt = bundle / "dbt" / "shop"
    write_files(dbt, {"dbt_project.yml": project, **files})
    write_files(bundle / "profiles", {"profiles.yml": profile})
    data = folder / ".data"
    data.mkdir()
    manifest = parse(dbt, bundle / "profiles", folder / "parse", data)
    pipeline = {
        "schema": 1,
        "product": {"name": "shop", "version": "1.0.0", "environment": "dev", "platform": "local"},
        "dbt": {
            "project_name": "shop",
            "profile": "shop",
            "target": "dev",
            "adapter": manifest["metadata"]["adapter_type"],
            "vars": {},
            "project_dir": "dbt/shop",
            "profiles_dir": "profiles",
        },
        "nodes": _nodes(manifest),
        "checks": _checks(manifest),
        "sources": [],
        "seeds_first": seeds_first or [],
        "execution": {
            "dbt_python": os.environ["FLOE_TEST_DBT_PYTHON"],
            "threads": 2,
            "timeout": 120,
            **(execution or {}),
        },
    }
    write_files(
        bundle, {"pipeline.json": json.dumps(pipeline), "bundle.json": json.dumps({"bundle_hash": "sha256:test"})}
    )
    call = Plan.read(bundle).dbt
    shared = partial_parse_folder(data, call, {})
    shared.mkdir(parents=True)
    version = manifest["metadata"]["dbt_version"]
    (folder / "parse" / "partial_parse.msgpack").rename(shared / f"{version}.msgpack")
    return bundle


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def parse(project: Path, profiles: Path, target: Path, data: Path) -> dict[str, Any]:
    """dbt's manifest of a project."""
    common = ["--project-dir", str(project), "--profiles-dir", str(profiles), "--target-path", str(target)]
    common += ["--profile", "shop", "--target", "dev", "--vars", "{}"]
    done = subprocess.run(
        [os.environ["FLOE_TEST_DBT_PYTHON"], "-m", "dbt.cli.main", "parse", *common, "--log-path", str(target)],
        env={**os.environ, "FLOE_DATA_DIR": str(data), "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    manifest: dict[str, Any] = json.loads((target / "manifest.json").read_text("utf-8"))
    return manifest


def _nodes(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    graph = manifest["nodes"]

    def upstream(node: dict[str, Any]) -> list[str]:
        found: set[str] = set()
        for parent in node["depends_on"].get("nodes", []):
            if parent in graph and graph[parent]["config"]["materialized"] == "ephemeral":
                found.update(upstream(graph[parent]))
            else:
                found.add(parent)
        return sorted(found)

    return [
        {
            "id": node_id,
            "kind": node["resource_type"],
            "name": node["name"],
            "materialized": node["config"]["materialized"],
            "relation": [node["database"], node["schema"], node["alias"]],
            "upstream": upstream(node),
        }
        for node_id, node in sorted(graph.items())
        if node["resource_type"] in ("model", "seed", "snapshot") and node["config"]["materialized"] != "ephemeral"
    ]


def _checks(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    checks = []
    for node_id, node in sorted({**manifest["nodes"], **manifest["unit_tests"]}.items()):
        if node["resource_type"] not in ("test", "unit_test"):
            continue
        parents = sorted(node["depends_on"]["nodes"])
        primary = node.get("attached_node") or (node["depends_on"]["nodes"] or [None])[0]
        unit = node["resource_type"] == "unit_test"
        checks.append(
            {
                "id": node_id,
                "name": node["name"],
                "kind": "unit" if unit else "generic" if node.get("test_metadata") else "singular",
                "primary": primary,
                "additional": [parent for parent in parents if parent != primary],
                "severity": "error" if unit else node["config"]["severity"].lower(),
            }
        )
    return checks
