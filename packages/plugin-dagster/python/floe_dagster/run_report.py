"""What a run writes into Dagster's event log for its client: node states and the record."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import dagster as dg
from dagster._core.events import EngineEventData

NODES_LABEL = "floe/nodes"
RECORD_LABEL = "floe/record"
DUPLICATE_LABEL = "floe/duplicate-of"
_FLUSH_SECONDS = 0.5


class RunReport:
    """
    Collects node states that have no event of Dagster's own, and the lines of the log, and writes them together: each
    event is a write to Dagster's database, which would hold up a large product.
    """

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        self._context = context
        self._states: list[Mapping[str, object]] = []
        self._lines: list[str] = []
        self._flushed = 0.0

    def node(self, state: Mapping[str, object]) -> None:
        """Notes a state of a node; it is written within half a second of the next news, or by `flush`."""
        self._states.append(state)
        self._flush_sometimes()

    def ended(self, node_id: str) -> None:
        """Drops a waiting `running` of a node that has ended with an event of Dagster's own."""
        self._states = [state for state in self._states if state["id"] != node_id]

    def log(self, level: str, text: str) -> None:
        """Warnings and errors at once, the rest with the next news; debugging goes to the captured output only."""
        if level == "error":
            self._context.log.error(text)
        elif level == "warning":
            self._context.log.warning(text)
        elif level == "debug":
            print(text, flush=True)
        else:
            self._lines.append(text)
            self._flush_sometimes()

    def flush(self) -> None:
        """Writes what waits."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._context.log.info("\n".join(lines))
        if self._states:
            states, self._states = self._states, []
            text = json.dumps(states, separators=(",", ":"), ensure_ascii=False)
            self._write(_summary(states), {NODES_LABEL: text})
        self._flushed = time.monotonic()

    def record(self, text: str, outcome: str, duplicate_of: str | None = None) -> None:
        """Writes the record of the run; nothing of this run is reported after it."""
        self.flush()
        metadata = {RECORD_LABEL: text}
        if duplicate_of is not None:
            metadata[DUPLICATE_LABEL] = duplicate_of
        self._write(f"floe: dbt run {outcome}", metadata)

    def _flush_sometimes(self) -> None:
        if time.monotonic() - self._flushed >= _FLUSH_SECONDS:
            self.flush()

    def _write(self, message: str, metadata: Mapping[str, str]) -> None:
        self._context.instance.report_engine_event(
            message,
            self._context.run,
            EngineEventData(metadata={label: dg.MetadataValue.text(text) for label, text in metadata.items()}),
            step_key=self._context.get_step_execution_context().step.key,
        )


def _summary(states: list[Mapping[str, object]]) -> str:
    names = [f"{str(state['id']).rsplit('.', 1)[-1]} {state['status']}" for state in states[:3]]
    more = f" and {len(states) - 3} more" if len(states) > 3 else ""
    return f"floe: {', '.join(names)}{more}"
