"""Reads dbt's structured events and results. Nothing that dbt writes makes it throw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from floe_runtime.engine_messages import Finished, Hook, Log, Started
from floe_runtime.run_events import LogLevel

TEXT_LIMIT: Final = 8_000
"""Characters of a message or log line."""
_LEVELS: Final[dict[str, LogLevel]] = {"info": "info", "warn": "warning", "error": "error"}
_NOISE: Final = frozenset({
    "MainStackTrace",
    "MainReportVersion",
    "ParsePerfInfoPath",
    "AdapterRegistered",
    "UnableToPartialParse",
    "LogStartLine",
})  # fmt: skip
"""Events that say nothing to whoever reads the log of a run."""
_WITH_ROWS: Final = frozenset({"model", "seed", "snapshot"})
_TESTS: Final = frozenset({"test", "unit_test"})

EventMessage = Started | Finished | Hook | Log


class DbtEvents:
    """
    Follows the events of one dbt invocation. The batches of a microbatch model tell their start and end under the
    model's name; they are counted, so that only the model's own start and end come out.
    """

    def __init__(self) -> None:
        """Call `reset` before the next invocation."""
        self._depth: dict[str, int] = {}
        self._told: dict[str, str] = {}
        self._cancelled: set[str] = set()
        self._hook_names: dict[str, str] = {}

    def reset(self) -> None:
        """Forgets the last invocation."""
        self._depth.clear()
        self._told.clear()
        self._cancelled.clear()

    def messages(self, info: Mapping[str, Any], data: Mapping[str, Any]) -> list[EventMessage]:
        """What an event says, if anything."""
        node = _object(data.get("node_info"))
        node_id = _text(node.get("unique_id"))
        found: list[EventMessage] = []
        match info.get("name"):
            case "NodeStart" if node_id:
                found += self._started(node_id, node)
            case "NodeFinished" if node_id:
                found += self._finished(node_id, node, _object(data.get("run_result")))
            case "LogCancelLine":
                self._cancelled.add(_text(data.get("conn_name")))
            case "LogHookEndLine":
                name = _text(data.get("statement")) or node_id
                self._hook_names[node_id] = name
                found.append(Hook(node_id or name, name, _text(data.get("status"))))
            case _:
                pass
        level = _LEVELS.get(_text(info.get("level")))
        text = _text(info.get("msg")).strip()
        if level is not None and text and info.get("name") not in _NOISE:
            found.append(Log(level, text[:TEXT_LIMIT], node_id or None))
        return found

    def _started(self, node_id: str, node: Mapping[str, Any]) -> list[EventMessage]:
        depth = self._depth.get(node_id, 0)
        self._depth[node_id] = depth + 1
        return [Started(node_id, _zoned(node.get("node_started_at")))] if depth == 0 else []

    def _finished(self, node_id: str, node: Mapping[str, Any], result: Mapping[str, Any]) -> list[EventMessage]:
        depth = self._depth.get(node_id, 1) - 1
        self._depth[node_id] = depth
        if depth > 0:
            return []
        kind = _text(node.get("resource_type"))
        status = _text(result.get("status"))
        self._told[node_id] = status
        return [
            Finished(
                id=node_id,
                dbt_status=status,
                seconds=_number(result.get("execution_time")),
                started_at=_zoned(node.get("node_started_at")),
                finished_at=_zoned(node.get("node_finished_at")),
                rows=_rows(result) if kind in _WITH_ROWS else None,
                failures=_count(result.get("num_failures")) if kind in _TESTS else None,
                message=_text(result.get("message"))[:TEXT_LIMIT] or None,
                cut_off=status == "error" and node_id in self._cancelled,
            )
        ]

    def leftovers(self, results: Iterable[Mapping[str, Any]]) -> tuple[tuple[Finished, ...], tuple[Hook, ...]]:
        """Of the entries of run_results.json: nodes that no event has told, or has told otherwise, and the hooks."""
        nodes, hooks = [], []
        for result in results:
            node_id, status = _text(result.get("unique_id")), _text(result.get("status"))
            message = _text(result.get("message"))[:TEXT_LIMIT] or None
            if node_id.startswith("operation."):
                hooks.append(Hook(node_id, self._hook_names.get(node_id, node_id), status, message))
            elif node_id and self._told.get(node_id) != status and node_id not in self._cancelled:
                nodes.append(
                    Finished(
                        id=node_id,
                        dbt_status=status,
                        seconds=_number(result.get("execution_time")),
                        rows=_rows(result) if node_id.split(".", 1)[0] in _WITH_ROWS else None,
                        failures=_count(result.get("failures")),
                        message=message,
                    )
                )
        return tuple(nodes), tuple(hooks)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e12:
        return None
    return float(value)


def _count(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if isinstance(value, float) and value.is_integer() and 0 <= value < 1e18:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1e18 else None


def _rows(result: Mapping[str, Any]) -> int | None:
    return _count(_object(result.get("adapter_response")).get("rows_affected"))


def _zoned(value: object) -> str | None:
    """dbt's node times are in UTC without saying so."""
    time = _text(value)[:40]
    if not time:
        return None
    return time if time.endswith("Z") or "+" in time else f"{time}Z"
