"""A bundle of a small product, as the compiler writes it."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

# Before anything imports Airflow, which makes its settings in this folder.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="floe-airflow-home-")
atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ.pop("FLOE_DATA_DIR", None)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pytest  # noqa: E402

HASH = "sha256:" + "ab" * 32


def native(name: str) -> dict[str, str]:
    """An asset by its name."""
    return {"name": name, "uri": f"x-floe://{name}"}


def sensor(name: str, kind: str, asset: str, **fields: Any) -> dict[str, Any]:
    """A sensor of airflow.json."""
    return {
        "dag_id": f"shop.sensor.{name}",
        "name": name,
        "job": "shop",
        "type": kind,
        "enabled": False,
        "interval": 30,
        "asset": native(asset),
        **fields,
    }


def schedule(name: str, job: str, cron: str, timezone: str, *, enabled: bool) -> dict[str, Any]:
    """A schedule of airflow.json."""
    return {
        "dag_id": f"shop.schedule.{name}",
        "name": name,
        "job": job,
        "cron": cron,
        "timezone": timezone,
        "enabled": enabled,
    }


def definitions() -> dict[str, Any]:
    """Two assets in a row, a source, an exposure, checks, two schedules and all kinds of sensors."""
    return {
        "schema": 1,
        "product": "shop",
        "platform": "local",
        "dag_id": "shop",
        "description": "shop 1.0.0: builds and tests the product with dbt.",
        "granularity": "build",
        "status_url": "",
        "tasks": [],
        "on_busy": "wait",
        "restarts": 2,
        "timeout": 900,
        "dagrun_timeout": 86400,
        "product_asset": native("shop"),
        "assets": [
            {"id": "model.shop.a", **native("shop/a"), "upstream": [2]},
            {"id": "model.shop.b", **native("shop/b"), "upstream": [0]},
        ],
        "externals": [{"id": "source.shop.crm.people", **native("crm/people")}],
        "exposures": [{"id": "exposure.shop.board", "name": "shop/exposures/board", "upstream": [1]}],
        "checks": ["test.shop.of_a", "test.shop.of_b"],
        "jobs": [
            {"name": "shop", "assets": None, "checks": None},
            {"name": "part", "assets": [1], "checks": [1]},
        ],
        "schedules": [
            schedule("on", "shop", "0 6 * * *", "Europe/Berlin", enabled=True),
            schedule("off", "part", "0 * * * *", "UTC", enabled=False),
        ],
        "sensors": [
            sensor("product", "product_succeeded", "crm", enabled=True),
            sensor("asset", "asset_updated", "crm/people"),
            sensor("file", "file_changed", "shop.sensor.file", path="in.csv"),
            sensor("page", "http_ready", "shop.sensor.page", url="http://127.0.0.1:9/none"),
        ],
    }


def with_nodes(data: dict[str, Any], status_url: str = "memory://floe") -> dict[str, Any]:
    """The same product with a task for each asset."""
    tasks = [
        {"id": "model.shop.a", "title": "a", "asset": 0, "checks": [0], "upstream": []},
        {"id": "model.shop.b", "title": "b", "asset": 1, "checks": [], "upstream": [0]},
    ]
    return {**data, "granularity": "node", "status_url": status_url, "tasks": tasks}


def write_bundle(folder: Path, data: dict[str, Any]) -> Path:
    """A bundle with this airflow.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "airflow.json").write_text(json.dumps(data))
    (folder / "bundle.json").write_text(json.dumps({"schema": 1, "bundle_hash": HASH}))
    return folder


@pytest.fixture
def data() -> dict[str, Any]:
    """What airflow.json holds."""
    return definitions()


@pytest.fixture
def bundle(tmp_path: Path, data: dict[str, Any]) -> Path:
    """The bundle as it is delivered."""
    return write_bundle(tmp_path / "delivery" / ".bundles" / "shop" / "abababababab", data)
