"""Time limits of single nodes."""

from __future__ import annotations

from typing import Final

CANCEL_LIMIT: Final = 15.0
"""Seconds that a node gets to end after its query was cancelled; then the whole run ends."""
CANCEL_AGAIN: Final = 1.0
"""Seconds after which the query is cancelled again: a microbatch model goes on with its next batch."""
TIME_LIMIT_MESSAGE: Final = "stopped by its time limit"
"""How the message of a node begins that its time limit has stopped."""


class NodeDeadlines:
    """Knows which running node has passed its limit, and which of those does not stop."""

    def __init__(self, limit: float | None) -> None:
        """`limit` in seconds; None means no limit."""
        self.limit = limit
        self._due: dict[str, float] = {}
        self._stopping: dict[str, float] = {}
        self._again: dict[str, float] = {}

    def start(self, node_id: str, now: float) -> None:
        """The node's time begins."""
        if self.limit is not None:
            self._due[node_id] = now + self.limit

    def end(self, node_id: str) -> None:
        """The node has ended."""
        self._due.pop(node_id, None)
        self._stopping.pop(node_id, None)
        self._again.pop(node_id, None)

    def clear(self) -> None:
        """No node runs any more."""
        self._due.clear()
        self._stopping.clear()
        self._again.clear()

    def is_stopping(self, node_id: str) -> bool:
        """True for a node that was stopped by its limit and has not ended yet."""
        return node_id in self._stopping

    def take_overdue(self, now: float) -> list[str]:
        """Nodes whose limit has just passed; each comes once."""
        overdue = sorted(node_id for node_id, due in self._due.items() if now >= due)
        for node_id in overdue:
            del self._due[node_id]
            self._stopping[node_id] = now + CANCEL_LIMIT
            self._again[node_id] = now + CANCEL_AGAIN
        return overdue

    def take_again(self, now: float) -> list[str]:
        """Nodes that were stopped by their limit and still run; each comes once in a second."""
        again = sorted(node_id for node_id, due in self._again.items() if now >= due)
        for node_id in again:
            self._again[node_id] = now + CANCEL_AGAIN
        return again

    def take_stuck(self, now: float) -> str | None:
        """A node that does not stop although its query was cancelled; each comes once."""
        stuck = next((node_id for node_id, due in self._stopping.items() if now >= due), None)
        if stuck is not None:
            self._stopping[stuck] = float("inf")
        return stuck

    def next_due(self) -> float:
        """The moment at which something is to be done; infinity for none."""
        moments = (*self._due.values(), *self._stopping.values(), *self._again.values())
        return min(moments, default=float("inf"))
