"""What the runtime says about a finished run; the same JSON as run-record.ts (`vectors/run-record.json`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from floe_runtime.node_status import NodeStatus, is_successful
from floe_runtime.run_request import PROTOCOL

RunOutcome = Literal["succeeded", "failed", "timed_out", "cancelled", "duplicate"]

MESSAGE_LIMIT: Final = 2_000
"""Characters of a node's message."""
RECORD_LIMIT: Final = 1_000_000
"""Bytes of a record; above, only the nodes that did not succeed are kept, with counts of all."""


@dataclass(frozen=True)
class NodeResult:
    """How one node ended in one attempt."""

    id: str
    status: NodeStatus
    dbt_status: str | None = None
    """dbt's own word."""
    seconds: float | None = None
    started_at: str | None = None
    """ISO 8601 with zone."""
    finished_at: str | None = None
    rows: int | None = None
    failures: int | None = None
    """Failing rows of a test."""
    message: str | None = None
    """dbt's message, redacted."""


@dataclass(frozen=True)
class Attempt:
    """What ran in one go."""

    n: int
    """From 1."""
    delay: float
    """Seconds waited before it."""
    nodes: tuple[NodeResult, ...]


@dataclass(frozen=True)
class HookResult:
    """An on-run-start or on-run-end hook; hooks run once in each invocation of dbt."""

    name: str
    status: NodeStatus
    message: str | None = None


@dataclass(frozen=True)
class RunError:
    """An error outside of any node; `code` is one of floe's error codes."""

    code: str
    message: str
    resolution: str


@dataclass(frozen=True)
class ObserverReport:
    """What became of the events or spans that an observer of the run was to send."""

    sent: int = 0
    failed: int = 0
    """Lost, because they could not be sent or kept."""
    dropped: int = 0
    """Lost, because there were too many or the time was over."""
    spooled: int = 0
    """Kept in a file, for the next run to send."""
    resent: int = 0
    """Sent for earlier runs."""
    note: str | None = None
    """What is the matter; holds no secret."""

    def counts(self) -> list[tuple[str, int]]:
        """The counts with their names."""
        return [(name, value) for name, value in asdict(self).items() if name != "note"]

    @property
    def complete(self) -> bool:
        """True when everything has been sent."""
        return not (self.failed or self.dropped or self.spooled or self.note)


@dataclass(frozen=True)
class RunRecord:
    """The end of a run. No record means that the run is lost, never green."""

    key: str
    bundle_hash: str | None
    planned: int
    outcome: RunOutcome
    missing: tuple[str, ...] = ()
    """Planned ids that no attempt finished; not empty means the run is not green."""
    attempts: tuple[Attempt, ...] = ()
    hooks: tuple[HookResult, ...] = ()
    error: RunError | None = None
    counts: dict[str, int] = field(default_factory=dict)
    """Nodes by their last status."""
    truncated: bool = False
    started_at: str | None = None
    finished_at: str | None = None
    observers: dict[str, ObserverReport] = field(default_factory=dict)
    """Lineage and traces by name; empty when both are switched off."""

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"protocol": PROTOCOL, **asdict(self)}

    def to_json(self, limit: int = RECORD_LIMIT) -> str:
        """Compact JSON of at most `limit` bytes, as far as leaving out successful nodes and long texts can do that."""
        text = _compact(self.to_dict())
        for smaller in (_without_successful, _without_long_texts):
            if len(text) <= limit:
                break
            text = _compact(smaller(self).to_dict())
        return text


def last_results(attempts: Sequence[Attempt]) -> dict[str, NodeResult]:
    """The last result of each node over all attempts."""
    return {node.id: node for attempt in attempts for node in attempt.nodes}


def count_statuses(results: Sequence[NodeResult]) -> dict[str, int]:
    """Number of nodes by status, sorted by status."""
    return dict(sorted(Counter(result.status for result in results).items()))


def _compact(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))


def _without_successful(record: RunRecord) -> RunRecord:
    attempts = tuple(
        replace(attempt, nodes=tuple(node for node in attempt.nodes if not is_successful(node.status)))
        for attempt in record.attempts
    )
    return replace(record, attempts=attempts, truncated=True)


def _without_long_texts(record: RunRecord) -> RunRecord:
    smaller = _without_successful(record)
    attempts = tuple(
        replace(attempt, nodes=tuple(replace(node, message=None) for node in attempt.nodes[:1_000]))
        for attempt in smaller.attempts
    )
    return replace(smaller, attempts=attempts, missing=smaller.missing[:1_000])
