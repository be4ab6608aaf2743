"""Rows of a table where the adapter does not tell them."""

from __future__ import annotations

import contextlib
from typing import Any, Final

from dbt.adapters.factory import FACTORY

_TABLES: Final = frozenset({"table", "incremental", "seed", "snapshot"})


def count_rows(node: Any) -> int | None:
    """
    Counts on a cursor of its own, on DuckDB only: there it takes the number from the table's metadata. None when there
    is nothing to count, or no way to do it: a missing number must not disturb a run.
    """
    relation = node.node_relation.relation_name
    adapter: Any = FACTORY.adapters.get("duckdb")
    if adapter is None or not relation or node.materialized not in _TABLES:
        return None
    with contextlib.suppress(Exception), contextlib.closing(adapter.connections.env().handle()) as handle:
        cursor = handle.cursor()
        cursor.execute(f"select count(*) from {relation}")  # noqa: S608 - dbt has quoted its own relation
        return int(cursor.fetchone()[0])
    return None
