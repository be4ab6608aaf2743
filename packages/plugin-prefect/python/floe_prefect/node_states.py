"""Nodes of dbt as task runs of Prefect: events as Prefect's own client sends them, without its cost for each task."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from floe_runtime.node_status import NodeStatus
from floe_runtime.run_record import NodeResult

from floe_prefect.definitions_data import NodeData

_NAMESPACE: Final = uuid.UUID("5c0c8b1e-41d2-5a7b-9c36-2f1d6a3e7b90")
"""Made once for floe; never changes."""

PREFECT_STATES: Final[Mapping[NodeStatus, tuple[str, str]]] = {
    "pending": ("PENDING", "Pending"),
    "running": ("RUNNING", "Running"),
    "succeeded": ("COMPLETED", "Completed"),
    "warned": ("COMPLETED", "Warned"),
    "failed": ("FAILED", "Failed"),
    "skipped": ("CANCELLED", "Skipped"),
    "cancelled": ("CANCELLED", "Cancelled"),
    "unknown": ("FAILED", "Unknown"),
}
"""Type and name of the state for each node status."""

_TICK: Final = timedelta(milliseconds=1)

Event = dict[str, Any]


class NodeStates:
    """
    Makes the events of one flow run. Ids follow from flow run, node and attempt, so that sending twice changes nothing;
    a further attempt is a further run of the same task run. Edges lead only to nodes of this run.
    """

    def __init__(self, flow_run_id: str, nodes: Iterable[NodeData], ids: frozenset[str], run_count: int = 1) -> None:
        """`run_count` is Prefect's count of the flow run, which can be run again from its pages."""
        self._flow_run_id = flow_run_id
        self._run_count = run_count
        everything = list(nodes)
        self._nodes = {node["id"]: node for node in everything}
        self._waits = {
            node["id"]: [everything[index]["id"] for index in node.get("waits", ()) if everything[index]["id"] in ids]
            for node in everything
            if node["id"] in ids
        }
        self._last: dict[str, datetime] = {}
        self._starts: dict[str, str] = {}
        self._attempts: dict[str, int] = {}

    def task_run_id(self, node_id: str) -> str:
        """The id of the task run that mirrors a node."""
        return str(uuid.uuid5(_NAMESPACE, f"{self._flow_run_id}\n{node_id}"))

    def started(self, node_id: str, at: str | None) -> Event:
        """A node begins."""
        attempt = self._attempts.get(node_id, 0) + 1
        start = _text(_moment(at))
        self._starts[node_id] = start
        task_run = {"start_time": start, "end_time": None}
        return self._event(node_id, attempt, "running", _moment(start), task_run, "", {})

    def finished(self, result: NodeResult, attempt: int) -> Event:
        """A node ends."""
        end = _moment(result.finished_at)
        start = _moment(result.started_at or self._starts.get(result.id) or _text(end))
        self._attempts[result.id] = attempt
        task_run = {
            "start_time": _text(start),
            "end_time": _text(end),
            "total_run_time": max(0.0, (end - start).total_seconds()),
        }
        labels = {
            "floe.attempt": attempt,
            "floe.dbt-status": result.dbt_status,
            "floe.rows": result.rows,
            "floe.failures": result.failures,
        }
        return self._event(result.id, attempt, result.status, end, task_run, result.message or "", labels)

    def materialized(self, result: NodeResult, attempt: int, related: Iterable[Mapping[str, str]]) -> Event | None:
        """The asset event of a succeeded model, seed or snapshot; `related` are the flow run and what it belongs to."""
        node = self._nodes.get(result.id, {})
        asset = node.get("asset")
        if asset is None or result.status not in ("succeeded", "warned"):
            return None
        own = {
            "prefect.resource.id": f"prefect.task-run.{self.task_run_id(result.id)}",
            "prefect.resource.role": "task-run",
        }
        upstream = [
            {"prefect.resource.id": key, "prefect.resource.role": "asset-upstream"} for key in node.get("upstream", ())
        ]
        metadata = {"rows": result.rows, "seconds": result.seconds}
        return {
            "id": self._event_id(result.id, attempt, "materialized"),
            "occurred": _text(_moment(result.finished_at)),
            "event": "prefect.asset.materialization.succeeded",
            "resource": {"prefect.resource.id": asset, "prefect.resource.name": node.get("name", result.id)},
            # Prefect takes at most 100 related resources.
            "related": [
                *related,
                own,
                {"prefect.resource.id": "dbt", "prefect.resource.role": "asset-materialized-by"},
                *upstream,
            ][:100],
            "payload": {name: value for name, value in metadata.items() if value is not None},
        }

    def _event(
        self,
        node_id: str,
        attempt: int,
        status: NodeStatus,
        moment: datetime,
        times: Mapping[str, object],
        message: str,
        labels: Mapping[str, object],
    ) -> Event:
        node = self._nodes.get(node_id, {})
        name = node.get("name", node_id)
        kind, state = PREFECT_STATES[status]
        # The server keeps the state with the latest time, so no two states of a node may share one.
        last = self._last.get(node_id)
        if last is not None and moment <= last:
            moment = last + _TICK
        self._last[node_id] = moment
        occurred = _text(moment)
        task_run_id = self.task_run_id(node_id)
        waits = [{"input_type": "task_run", "id": self.task_run_id(parent)} for parent in self._waits.get(node_id, ())]
        return {
            "id": self._event_id(node_id, attempt, state),
            "occurred": occurred,
            "event": f"prefect.task-run.{state}",
            "resource": {
                "prefect.resource.id": f"prefect.task-run.{task_run_id}",
                "prefect.resource.name": name,
                "prefect.run-count": str(attempt),
                "prefect.state-message": message,
                "prefect.state-name": state,
                "prefect.state-type": kind,
                "prefect.state-timestamp": occurred,
                "prefect.orchestration": "client",
            },
            "related": [
                {
                    "prefect.resource.id": f"prefect.flow-run.{self._flow_run_id}",
                    "prefect.resource.role": "flow-run",
                }
            ],
            "payload": {
                "intended": {"from": "PENDING" if status == "running" else "RUNNING", "to": kind},
                "initial_state": {"type": "RUNNING", "name": "Running", "state_details": {}},
                "validated_state": {"type": kind, "name": state, "message": message, "state_details": {}},
                "task_run": {
                    "name": name,
                    "task_key": node_id,
                    "dynamic_key": "0",
                    "tags": ["floe", node.get("kind", "node")],
                    "labels": {key: value for key, value in labels.items() if value is not None},
                    "empirical_policy": {"retries": 0, "retry_delay": 0},
                    "run_count": attempt,
                    "flow_run_run_count": self._run_count,
                    "expected_start_time": times["start_time"],
                    "task_inputs": {"wait_for": waits},
                    **times,
                },
            },
        }

    def _event_id(self, node_id: str, attempt: int, what: str) -> str:
        return str(uuid.uuid5(_NAMESPACE, f"{self._flow_run_id}\n{self._run_count}\n{node_id}\n{attempt}\n{what}"))


def _moment(text: str | None) -> datetime:
    """A time of dbt, which has a zone; now when there is none."""
    try:
        moment = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
