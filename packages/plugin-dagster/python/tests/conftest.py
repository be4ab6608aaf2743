"""A bundle of a small product, as the compiler writes it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

HASH = "sha256:" + "ab" * 32


def sensor(name: str, kind: str, **fields: Any) -> dict[str, Any]:
    """A sensor of dagster.json."""
    return {"name": name, "job": "shop_job", "type": kind, "enabled": False, "interval": 30, **fields}


def schedule(name: str, job: str, cron: str, timezone: str, *, enabled: bool) -> dict[str, Any]:
    """A schedule of dagster.json."""
    return {"name": name, "job": job, "cron": cron, "timezone": timezone, "enabled": enabled}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Two assets in a row, a source, an exposure, checks of every place, a schedule and all kinds of sensors."""
    assets = [
        {"id": "model.shop.a", "key": ["shop", "a"], "deps": [2], "group": "staging", "kinds": ["dbt", "duckdb"]},
        {
            "id": "model.shop.b.v2",
            "key": ["shop", "b.v2"],
            "deps": [0],
            "group": "marts",
            "tags": {"finance": "", "floe/tier": "gold"},
            "owners": ["team:sales"],
            "code_version": "1",
            "table": "db.main.b",
            "columns": [["id", "integer", "Number."], ["day", "", ""]],
        },
    ]
    externals = [
        {"id": "source.shop.raw.x", "key": ["shop", "raw", "x"], "kinds": ["source"]},
        {"id": "exposure.shop.e", "key": ["shop", "exposures", "e"], "deps": [1], "url": "https://example.com"},
        {"id": "shop", "key": ["shop"]},
    ]
    checks = [
        {"id": "test.shop.t", "name": "t", "asset": 0, "blocking": True},
        {"id": "test.shop.two", "name": "two", "asset": 1, "also": [0]},
        {"id": "test.shop.of_source", "name": "of_source", "asset": 2},
        {"id": "test.shop.alone", "name": "alone", "asset": 4},
    ]
    data = {
        "schema": 1,
        "product": "shop",
        "op": "shop_dbt",
        "pool": "floe_shop",
        "run_tags": {"dagster/max_runtime": "960"},
        "on_busy": "wait",
        "assets": assets,
        "externals": externals,
        "checks": checks,
        "jobs": [
            {"name": "shop_job", "description": "All.", "assets": None, "checks": None},
            {"name": "part_job", "description": "", "assets": [1], "checks": []},
            {"name": "checks_job", "description": "", "assets": [], "checks": [2]},
        ],
        "schedules": [
            {
                "name": "on_schedule",
                "job": "shop_job",
                "cron": "0 6 * * *",
                "timezone": "Europe/Berlin",
                "enabled": True,
            },
            {"name": "off_schedule", "job": "part_job", "cron": "@hourly", "timezone": "UTC", "enabled": False},
        ],
        "sensors": [
            sensor("product_sensor", "product_succeeded", product="crm"),
            sensor("asset_sensor", "asset_updated", asset=["crm", "customers"]),
            sensor("file_sensor", "file_changed", path="in.csv"),
            sensor("page_sensor", "http_ready", url="http://127.0.0.1:9/none", enabled=True),
        ],
    }
    write(tmp_path / "dagster.json", data)
    write(tmp_path / "bundle.json", {"schema": 1, "bundle_hash": HASH})
    return tmp_path


def write(file: Path, data: object) -> None:
    """Writes JSON."""
    file.write_text(json.dumps(data))
