"""Which nodes run again, and after how long. Pure: random numbers are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_runtime.error_classes import error_class
from floe_runtime.run_record import NodeResult

if TYPE_CHECKING:
    from floe_runtime.plan import Plan


@dataclass(frozen=True)
class RetryPolicy:
    """Times in seconds."""

    max: int = 0
    """Further attempts."""
    initial_delay: float = 5
    max_delay: float = 300
    factor: float = 2
    jitter: float = 0.2
    """Fraction of the delay that is random, 0 to 1."""
    data_errors: bool = False
    """Retry failed tests and SQL errors too."""


def retry_delay(policy: RetryPolicy, attempt: int, random: float) -> float:
    """
    Seconds to wait before `attempt` (2 is the first retry): exponential, with a ceiling, and shortened by up to the
    jitter. `random` is in [0, 1).
    """
    exponent = min(max(attempt - 2, 0), 1_000)
    try:
        grown = policy.initial_delay * policy.factor**exponent
    except OverflowError:
        grown = policy.max_delay
    delay = min(grown, policy.max_delay)
    return max(delay * (1 - policy.jitter * random), 0)


def nodes_to_retry(
    plan: Plan,
    ids: frozenset[str],
    results: Mapping[str, NodeResult],
    policy: RetryPolicy,
    run_failure: str | None = None,
) -> frozenset[str]:
    """
    The failed nodes whose failure may go away (all, when the policy retries data errors), and the nodes that did not
    run because of them. What lies behind a failure that stays is left out: dbt would run it on old data.
    `results` are the last ones of each node; `run_failure` is the message when dbt as a whole failed.
    """
    failed = {node_id for node_id, result in results.items() if result.status in ("failed", "cancelled", "unknown")}
    again = {node_id for node_id in failed if _may_pass(results[node_id], policy)}
    whole = run_failure is not None and (policy.data_errors or error_class("error", run_failure) == "transient")
    if not again and not whole:
        return frozenset()
    behind = plan.dependents_of(failed - again)
    waiting = {node_id for node_id in ids if node_id not in results or results[node_id].status == "skipped"}
    return frozenset((again | waiting) - behind)


def _may_pass(result: NodeResult, policy: RetryPolicy) -> bool:
    if policy.data_errors or result.status == "cancelled":
        return True
    return error_class(result.dbt_status, result.message) == "transient"
