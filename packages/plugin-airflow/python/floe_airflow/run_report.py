"""What a run writes into the task's log for its client: node states, besides the lines for people."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from floe_runtime.run_record import NodeResult

NODES_PREFIX: Final = "floe:nodes "
_FLUSH_SECONDS: Final = 0.5


class RunReport:
    """Collects node states and writes them together: a line for each would only make the log long."""

    def __init__(self, log: Any) -> None:
        """`log` is the logger of the task."""
        self._log = log
        self._states: dict[str, Mapping[str, object]] = {}
        self._flushed = 0.0

    def started(self, node_id: str) -> None:
        """Notes that a node runs; written within half a second of the next news, or by `flush`."""
        self._note({"id": node_id, "status": "running"})

    def finished(self, result: NodeResult) -> None:
        """Notes how a node ended; a `running` of it that waits is dropped."""
        self._note({name: value for name, value in asdict(result).items() if value is not None})

    def line(self, level: str, text: str) -> None:
        """A line for people."""
        {"error": self._log.error, "warning": self._log.warning, "debug": self._log.debug}.get(level, self._log.info)(
            text
        )

    def flush(self) -> None:
        """Writes what waits."""
        if self._states:
            states, self._states = list(self._states.values()), {}
            self._log.info(NODES_PREFIX + json.dumps(states, separators=(",", ":")))
        self._flushed = time.monotonic()

    def _note(self, state: Mapping[str, object]) -> None:
        node_id = str(state["id"])
        self._states.pop(node_id, None)
        self._states[node_id] = state
        if time.monotonic() - self._flushed >= _FLUSH_SECONDS:
            self.flush()
