"""How a run ended, from what was planned and what was done. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from floe_runtime.node_status import is_successful
from floe_runtime.run_record import (
    Attempt,
    HookResult,
    RunError,
    RunOutcome,
    RunRecord,
    count_statuses,
    last_results,
)

Ending = Literal["cancelled", "timed_out", "stopped"]
"""Why a run was ended before its work was done; `stopped` when it could not go on."""


@dataclass(frozen=True)
class RunFacts:
    """Everything that decides over the outcome."""

    key: str
    bundle_hash: str | None
    planned: frozenset[str]
    attempts: tuple[Attempt, ...]
    hooks: tuple[HookResult, ...]
    ending: Ending | None
    dbt_failed: bool
    """dbt's own verdict over the last attempt."""
    error: RunError | None
    started_at: str
    finished_at: str


def run_record(facts: RunFacts) -> RunRecord:
    """The record. Green only when every planned node succeeded, dbt says so too, and nothing else went wrong."""
    results = last_results(facts.attempts)
    missing = tuple(sorted(facts.planned - results.keys()))
    done = bool(facts.planned) and not missing and all(is_successful(results[node].status) for node in facts.planned)
    outcome: RunOutcome
    error = facts.error
    if done and not facts.dbt_failed and error is None:
        outcome = "succeeded"
    elif facts.ending in ("cancelled", "timed_out") and error is None:
        outcome = "cancelled" if facts.ending == "cancelled" else "timed_out"
    else:
        outcome = "failed"
        error = error or _error(facts, missing, done)
    return RunRecord(
        key=facts.key,
        bundle_hash=facts.bundle_hash,
        planned=len(facts.planned),
        outcome=outcome,
        missing=missing,
        attempts=facts.attempts,
        hooks=facts.hooks,
        error=error,
        counts=count_statuses(list(results.values())),
        started_at=facts.started_at,
        finished_at=facts.finished_at,
    )


def _error(facts: RunFacts, missing: Sequence[str], done: bool) -> RunError | None:
    """What went wrong besides the nodes that failed."""
    failed_hook = next((hook for hook in facts.hooks if not is_successful(hook.status)), None)
    if failed_hook is not None and (done or missing):
        return RunError(
            "RUN_FAILED",
            f"hook {failed_hook.name} failed: {failed_hook.message or 'see the log'}",
            "Mend the hook in dbt_project.yml, then run again.",
        )
    if missing:
        return RunError(
            "RUN_INCOMPLETE",
            f"dbt did not run {len(missing)} of {len(facts.planned)} planned nodes, for example {missing[0]}",
            "Read the end of the log; if it stays, deploy the product again.",
        )
    if done:
        return RunError(
            "RUN_FAILED",
            "dbt reports a failure although every planned node succeeded",
            "Read the end of the log for what dbt said.",
        )
    return None
