"""Turns events and results of dbt into lines of the protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floe_dbt.protocol import EventWriter

MESSAGE_LIMIT: Final = 4_000
_LEVELS: Final[dict[str, str]] = {"info": "info", "warn": "warning", "error": "error"}
_NOISE: Final = frozenset(
    {"MainStackTrace", "MainReportVersion", "ParsePerfInfoPath", "AdapterRegistered", "UnableToPartialParse"}
)
"""Events that say nothing to whoever reads a run's log."""
_WITH_ROWS: Final = ("model", "seed", "snapshot")


class EventReporter:
    """Gets every event of dbt; dbt calls it from its worker threads."""

    def __init__(self, writer: EventWriter) -> None:
        self._writer = writer
        self._open: dict[str, int] = {}
        self._told: dict[str, str] = {}
        self._cancelled: set[str] = set()

    def start_invocation(self) -> None:
        self._open.clear()
        self._told.clear()
        self._cancelled.clear()

    def __call__(self, event: Any) -> None:
        name = event.info.name
        if name == "NodeStart":
            self._started(event.data.node_info)
        elif name == "NodeFinished":
            self._finished(event.data)
        elif name == "LogCancelLine":
            self._cancelled.add(event.data.conn_name)
        elif name == "LogHookEndLine":
            data = event.data
            self._writer.write("hook", id=data.node_info.unique_id, name=data.statement, dbt_status=data.status)
        self._log(event)

    def _started(self, node: Any) -> None:
        depth = self._open.get(node.unique_id, 0)
        self._open[node.unique_id] = depth + 1
        if depth == 0:
            self._writer.write("started", id=node.unique_id, at=_zoned(node.node_started_at))

    def _finished(self, data: Any) -> None:
        node, result = data.node_info, data.run_result
        depth = self._open.get(node.unique_id, 1) - 1
        self._open[node.unique_id] = depth
        if depth > 0:
            # a batch of a microbatch model; the model's own end comes last
            return
        self._told[node.unique_id] = result.status
        rows = dict(result.adapter_response).get("rows_affected") if node.resource_type in _WITH_ROWS else None
        self._writer.write(
            "finished",
            id=node.unique_id,
            dbt_status=result.status,
            seconds=result.execution_time,
            started_at=_zoned(node.node_started_at),
            finished_at=_zoned(node.node_finished_at),
            rows=_count(rows),
            failures=result.num_failures if node.resource_type in ("test", "unit_test") else None,
            message=result.message[:MESSAGE_LIMIT] or None,
            cut_off=result.status == "error" and node.unique_id in self._cancelled,
        )

    def _log(self, event: Any) -> None:
        level = _LEVELS.get(event.info.level)
        text = event.info.msg.strip()
        if level is None or not text or event.info.name in _NOISE:
            return
        node = getattr(getattr(event.data, "node_info", None), "unique_id", None)
        self._writer.write("log", level=level, text=text[:MESSAGE_LIMIT], id=node or None)

    def leftovers(self, results: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What no event has told, or has told otherwise, and the hooks with their messages."""
        nodes, hooks = [], []
        for result in results:
            node_id, status = result.node.unique_id, str(result.status)
            message = (result.message or "")[:MESSAGE_LIMIT] or None
            if node_id.startswith("operation."):
                hooks.append({"id": node_id, "name": result.node.name, "dbt_status": status, "message": message})
            elif self._told.get(node_id) != status and node_id not in self._cancelled:
                nodes.append(
                    {
                        "id": node_id,
                        "dbt_status": status,
                        "seconds": result.execution_time,
                        "failures": result.failures,
                        "message": message,
                    }
                )
        return nodes, hooks


def _zoned(time: str) -> str | None:
    """dbt's node times are in UTC without saying so."""
    if not time:
        return None
    return time if time.endswith("Z") or "+" in time else f"{time}Z"


def _count(value: object) -> int | None:
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if number >= 0 else None


def rows_of(response: Mapping[str, Any]) -> int | None:
    """rows_affected of an adapter's response."""
    return _count(response.get("rows_affected"))
