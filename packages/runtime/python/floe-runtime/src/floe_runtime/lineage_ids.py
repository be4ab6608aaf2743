"""Run ids of lineage events: the same work has the same id, whoever tells of it and however often."""

from __future__ import annotations

import uuid
from typing import Final

_NAMESPACE: Final = uuid.UUID("b6c2c3a4-8f0d-5b6e-9a41-0d6f10e5f1aa")
"""Made once for floe; never changes."""


def lineage_run_id(namespace: str, key: str, node_id: str | None = None, attempt: int = 0) -> str:
    """
    The id of a run (`node_id` None), or of one attempt of a node in it: UUID version 5 over namespace, key, node and
    attempt, one a line. The TypeScript side makes the same (`vectors/lineage-run-ids.json`).
    """
    return str(uuid.uuid5(_NAMESPACE, f"{namespace}\n{key}\n{node_id or ''}\n{attempt if node_id else 0}"))
