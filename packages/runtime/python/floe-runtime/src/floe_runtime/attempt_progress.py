"""What is known about the nodes of one attempt. Pure: takes messages, gives events; no input makes it throw."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from floe_runtime.engine_messages import Finished, Started
from floe_runtime.node_status import NodeStatus, is_finished, node_status_of
from floe_runtime.run_events import NodeFinished, NodeStarted
from floe_runtime.run_record import MESSAGE_LIMIT, Attempt, NodeResult


class AttemptProgress:
    """Follows the planned nodes of one attempt; others (ephemeral models, exposures, functions) only when they fail."""

    def __init__(self, n: int, delay: float, ids: frozenset[str], redact: Callable[[str], str]) -> None:
        """`redact` takes secrets out of messages."""
        self.n = n
        self.delay = delay
        self.ids = ids
        self._redact = redact
        self._running: dict[str, str | None] = {}
        self._results: dict[str, NodeResult] = {}
        self.unplanned_failures: dict[str, str] = {}

    @property
    def running(self) -> frozenset[str]:
        """Nodes that have started and not ended."""
        return frozenset(self._running)

    @property
    def unfinished(self) -> frozenset[str]:
        """Planned nodes of this attempt without a result."""
        return self.ids - self._results.keys()

    def result_of(self, node_id: str) -> NodeResult | None:
        """The result so far."""
        return self._results.get(node_id)

    def started(self, message: Started) -> NodeStarted | None:
        """The event to tell, None when it is not news."""
        if message.id not in self.ids or message.id in self._running or message.id in self._results:
            return None
        self._running[message.id] = message.at
        return NodeStarted(message.id, message.at)

    def finished(self, message: Finished, override: tuple[NodeStatus, str] | None = None) -> NodeFinished | None:
        """
        Keeps the result, the last one wins; the event to tell, None when the node had ended before.
        `override` replaces dbt's status and message, for a node that was ended on purpose.
        """
        status: NodeStatus = "cancelled" if message.cut_off else node_status_of(message.dbt_status)
        text = message.message
        if override is not None:
            status, text = override
        if not is_finished(status):
            return None
        if message.id not in self.ids:
            if status in ("failed", "unknown"):
                self.unplanned_failures[message.id] = self._short(text) or message.dbt_status
            return None
        started_at = self._running.pop(message.id, None)
        return self._keep(
            NodeResult(
                id=message.id,
                status=status,
                dbt_status=message.dbt_status[:100],
                seconds=message.seconds,
                started_at=message.started_at or started_at,
                finished_at=message.finished_at,
                rows=message.rows,
                failures=message.failures,
                message=self._short(text),
            )
        )

    def settle(self, ids: Iterable[str], status: NodeStatus, message: str) -> list[NodeFinished]:
        """Ends nodes that dbt does not end; those that have a result keep it."""
        events = []
        for node_id in sorted(ids):
            if node_id in self.ids and node_id not in self._results:
                started_at = self._running.pop(node_id, None)
                event = self._keep(
                    NodeResult(id=node_id, status=status, started_at=started_at, message=self._short(message))
                )
                events.extend([event] if event is not None else [])
        return events

    def close(self) -> Attempt:
        """The attempt for the record; what still runs has been cut off."""
        self.settle(self.running, "cancelled", "dbt ended before this node did")
        return Attempt(self.n, self.delay, tuple(self._results.values()))

    def _keep(self, result: NodeResult) -> NodeFinished | None:
        news = result.id not in self._results
        self._results[result.id] = result
        return NodeFinished(result, self.n) if news else None

    def _short(self, text: str | None) -> str | None:
        return self._redact(text)[:MESSAGE_LIMIT] if text else None
