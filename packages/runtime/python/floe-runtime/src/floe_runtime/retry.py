"""Which nodes run again, and after how long. Pure: random numbers are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


def nodes_to_retry(plan: Plan, results: Mapping[str, NodeResult], policy: RetryPolicy) -> frozenset[str]:
    """Seam for the retry rules."""
    return frozenset()
