"""A bundle of a small product, as the compiler writes it, and a Prefect that only takes notes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from floe_prefect.api import ApiFailure

HASH = "sha256:" + "ab" * 32
SENSORS = [
    {
        "name": "on_file",
        "type": "file_changed",
        "path": "in.csv",
        "cursor": "floe_local_shop_on_file_1",
        "resource": "floe.sensor.local/shop/on_file",
    },
    {
        "name": "on_page",
        "type": "http_ready",
        "url": "http://127.0.0.1:9/none",
        "cursor": "floe_local_shop_on_page_2",
        "resource": "floe.sensor.local/shop/on_page",
    },
]


def definitions() -> dict[str, Any]:
    """prefect.json: a seed, two models in a row, a test, a source."""
    return {
        "schema": 1,
        "product": "shop",
        "platform": "local",
        "flow": "floe-shop",
        "sensor_flow": "floe-shop.sensors",
        "on_busy": "wait",
        "tags": ["floe", "floe:platform=local", "floe:product=shop"],
        "artifacts": {"record": "floe-shop-record", "results": "floe-shop-results"},
        "nodes": [
            {"id": "seed.shop.raw", "name": "raw", "kind": "seed", "asset": "floe://local/shop/raw"},
            {
                "id": "model.shop.a",
                "name": "a",
                "kind": "model",
                "waits": [0],
                "asset": "floe://local/shop/a",
                "upstream": ["floe://local/shop/raw"],
            },
            {"id": "model.shop.b", "name": "b", "kind": "model", "waits": [1], "asset": "floe://local/shop/b"},
            {"id": "test.shop.t", "name": "t", "kind": "test", "waits": [1, 2]},
        ],
        "jobs": {"shop": None, "part": ["model.shop.b", "test.shop.t"]},
        "sensors": SENSORS,
    }


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder with prefect.json and bundle.json."""
    (tmp_path / "prefect.json").write_text(json.dumps(definitions()))
    (tmp_path / "bundle.json").write_text(json.dumps({"schema": 1, "bundle_hash": HASH}))
    return tmp_path


class NotedApi:
    """Takes what is posted, after as many failures as a test wants."""

    def __init__(self, *failures: ApiFailure) -> None:
        self.posts: list[tuple[str, Any]] = []
        self._failures = list(failures)

    def __call__(self, path: str, body: Any) -> ApiFailure | None:
        if self._failures:
            return self._failures.pop(0)
        self.posts.append((path, body))
        return None

    def fail(self, *failures: ApiFailure) -> None:
        """Fails the next posts."""
        self._failures += failures

    def items(self, path: str) -> list[Any]:
        """Everything posted to a path, batch after batch."""
        return [item for posted, body in self.posts if posted == path for item in body]

    @contextmanager
    def connect(self) -> Iterator[NotedApi]:
        """Instead of a connection."""
        yield self
