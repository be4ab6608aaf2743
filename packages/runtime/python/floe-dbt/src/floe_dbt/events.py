"""Picks what the adapter needs out of dbt's events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from floe_dbt.protocol import EventWriter

TEXT_LIMIT: Final = 8_000
"""Characters of a message."""
_LEVELS: Final = frozenset({"info", "warn", "error"})
_NODE_EVENTS: Final = frozenset({"NodeStart", "NodeFinished", "LogHookEndLine"})

RowCounter = Callable[[Any], "int | None"]


class EventReporter:
    """Gets every event of dbt, also from its worker threads, and writes those that matter in dbt's own JSON shape."""

    def __init__(self, writer: EventWriter, count_rows: RowCounter) -> None:
        """`count_rows(node_info)` gives the rows of a finished node that has none in its response, or None."""
        self._writer = writer
        self._count_rows = count_rows
        self._told: dict[str, str] = {}

    def start_invocation(self) -> None:
        """Forgets the last invocation."""
        self._told.clear()

    def __call__(self, event: Any) -> None:
        """One event of dbt."""
        name, level = event.info.name, event.info.level
        data: dict[str, Any] = {}
        if name in _NODE_EVENTS:
            data = self._node_event(name, event.data)
        elif name == "LogCancelLine":
            data = {"conn_name": event.data.conn_name}
        elif level not in _LEVELS:
            return
        else:
            node_id = getattr(getattr(event.data, "node_info", None), "unique_id", None)
            data = {"node_info": {"unique_id": node_id}} if node_id else {}
        message = event.info.msg[:TEXT_LIMIT] if level in _LEVELS else ""
        self._writer.write("event", info={"name": name, "level": level, "msg": message}, data=data)

    def _node_event(self, name: str, data: Any) -> dict[str, Any]:
        node = data.node_info
        info = {
            "unique_id": node.unique_id,
            "resource_type": node.resource_type,
            "node_started_at": node.node_started_at,
        }
        if name == "NodeStart":
            return {"node_info": info}
        if name == "LogHookEndLine":
            return {"node_info": info, "statement": data.statement, "status": data.status}
        result = data.run_result
        self._told[node.unique_id] = result.status
        response = dict(result.adapter_response)
        if "rows_affected" not in response and result.status == "success":
            response["rows_affected"] = self._count_rows(node)
        return {
            "node_info": {**info, "node_finished_at": node.node_finished_at},
            "run_result": {
                "status": result.status,
                "message": result.message[:TEXT_LIMIT],
                "execution_time": result.execution_time,
                "num_failures": result.num_failures,
                "adapter_response": {"rows_affected": response.get("rows_affected")},
            },
        }

    def untold(self, results: Any) -> list[dict[str, Any]]:
        """Results that no event has told, or has told otherwise, and those of hooks; shaped as in run_results.json."""
        return [
            {
                "unique_id": result.node.unique_id,
                "status": str(result.status),
                "message": (result.message or "")[:TEXT_LIMIT] or None,
                "execution_time": result.execution_time,
                "failures": result.failures,
                "adapter_response": {"rows_affected": result.adapter_response.get("rows_affected")},
            }
            for result in results
            if self._told.get(result.node.unique_id) != str(result.status)
        ]
