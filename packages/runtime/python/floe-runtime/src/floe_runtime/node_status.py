"""How a node stands, and the one table from dbt's words to it."""

from __future__ import annotations

from typing import Final, Literal

NodeStatus = Literal["pending", "running", "succeeded", "warned", "failed", "skipped", "cancelled", "unknown"]

NODE_STATUSES: Final[tuple[NodeStatus, ...]] = (
    "pending",
    "running",
    "succeeded",
    "warned",
    "failed",
    "skipped",
    "cancelled",
    "unknown",
)

STATUS_BY_DBT_STATUS: Final[dict[str, NodeStatus]] = {
    "success": "succeeded",
    "pass": "succeeded",
    "no-op": "succeeded",
    "reused": "succeeded",
    "warn": "warned",
    "error": "failed",
    "fail": "failed",
    "runtime error": "failed",
    "partial success": "failed",
    "skipped": "skipped",
    "started": "running",
    "compiling": "running",
    "executing": "running",
}
"""Every status of dbt (its NodeStatus and RunningStatus, and Fusion's `reused`)."""


def node_status_of(dbt_status: str | None) -> NodeStatus:
    """The node status for a status of dbt; what floe does not know is `unknown`: never thrown, never green."""
    return STATUS_BY_DBT_STATUS.get(dbt_status or "", "unknown")


def is_successful(status: NodeStatus) -> bool:
    """True when the node's work is done."""
    return status in ("succeeded", "warned")


def is_finished(status: NodeStatus) -> bool:
    """True when the node will not change any more in this attempt."""
    return status not in ("pending", "running")
