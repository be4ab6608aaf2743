"""Names of datasets by the rules of OpenLineage; the TypeScript side makes the same (`vectors/dataset-names.json`)."""

from __future__ import annotations

Relation = tuple[str | None, str, str]


def dataset_name(relation: Relation) -> str:
    """database.schema.table, without a database where the adapter knows none."""
    return ".".join(part for part in relation if part)
