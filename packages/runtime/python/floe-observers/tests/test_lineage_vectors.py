"""The JSON that both languages make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from floe_observers.dataset_names import dataset_name
from floe_observers.settings import expand_environment
from floe_runtime.lineage_ids import lineage_run_id
from lineage_runs import document

Vectors = Callable[[str], Any]


def test_run_ids(vectors: Vectors) -> None:
    for case in vectors("lineage-run-ids.json")["cases"]:
        made = lineage_run_id(case["namespace"], case["key"], case.get("node"), case.get("attempt", 0))
        assert made == case["id"], case


def test_dataset_names(vectors: Vectors) -> None:
    table = vectors("dataset-names.json")
    for case in table["names"]:
        assert dataset_name(tuple(case["relation"])) == case["name"]
    for case in table["expanded"]:
        assert expand_environment(case["namespace"], case["environ"]) == case["expanded"]


def test_events_are_the_ones_that_are_checked_against_the_schemas(vectors: Vectors) -> None:
    assert vectors("lineage-events.json") == document()
