"""The assets of a dagster.json written by hand, without floe: what Dagster itself needs for this many of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

_DATA = json.loads((Path(__file__).parent / "dagster.json").read_text("utf-8"))
_KEYS = [dg.AssetKey(entry["key"]) for entry in (*_DATA["assets"], *_DATA["externals"])]


def _metadata(entry: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"floe/node": entry["id"]}
    if "table" in entry:
        metadata["dagster/table_name"] = entry["table"]
    if "columns" in entry:
        columns = [dg.TableColumn(name, type=kind, description=text) for name, kind, text in entry["columns"]]
        metadata["dagster/column_schema"] = dg.TableSchema(columns)
    return metadata


@dg.multi_asset(
    name="bench_models",
    specs=[
        dg.AssetSpec(
            key,
            deps=[_KEYS[index] for index in entry.get("deps", ())],
            description=entry.get("description"),
            metadata=_metadata(entry),
            skippable=True,
            group_name=entry.get("group"),
            code_version=entry.get("code_version"),
            owners=entry.get("owners"),
            tags=entry.get("tags"),
            kinds=set(entry.get("kinds", ())),
        )
        for key, entry in zip(_KEYS, _DATA["assets"], strict=False)
    ],
    check_specs=[
        dg.AssetCheckSpec(
            entry["name"],
            asset=_KEYS[entry["asset"]],
            additional_deps=[_KEYS[index] for index in entry.get("also", ())],
            blocking=entry.get("blocking", False),
            description=entry.get("description"),
            metadata={"floe/node": entry["id"]},
        )
        for entry in _DATA["checks"]
    ],
    can_subset=True,
)
def bench_models() -> Iterator[dg.MaterializeResult[None]]:
    """Nothing: it is only loaded."""
    yield from ()


defs = dg.Definitions(assets=[bench_models], jobs=[dg.define_asset_job("bench_build")], executor=dg.in_process_executor)
