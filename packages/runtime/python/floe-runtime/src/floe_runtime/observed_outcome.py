"""How an end is told to others: one table from node status and run outcome to lineage event, span result and code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from floe_runtime.node_deadlines import TIME_LIMIT_MESSAGE
from floe_runtime.run_record import NodeResult, RunOutcome, RunRecord

TerminalEvent = Literal["COMPLETE", "FAIL", "ABORT"]
PipelineResult = Literal["success", "failure", "error", "timeout", "cancellation", "skip"]


@dataclass(frozen=True)
class ObservedOutcome:
    """An end in the words of OpenLineage (`event`) and of OpenTelemetry's `cicd.pipeline` conventions (`result`)."""

    event: TerminalEvent
    result: PipelineResult
    code: str | None = None
    """A stable word, never a message; None when nothing is wrong."""
    text: str = ""
    """A sentence that holds neither data nor SQL."""

    @property
    def is_error(self) -> bool:
        """False for what was skipped or cancelled, too."""
        return self.result in ("failure", "error", "timeout")


def node_outcome(result: NodeResult) -> ObservedOutcome:
    """The end of a node; what floe does not know is an error, never green."""
    match result.status:
        case "succeeded" | "warned":
            return ObservedOutcome("COMPLETE", "success")
        case "skipped":
            return ObservedOutcome("ABORT", "skip", "NODE_SKIPPED", "not run, because of what was before it")
        case "cancelled":
            return ObservedOutcome("ABORT", "cancellation", "NODE_CANCELLED", "cut off while it ran")
        case "failed":
            return _failed_node(result)
        case _:
            return ObservedOutcome("FAIL", "error", "NODE_STATUS_UNKNOWN", "dbt gave a status that floe does not know")


def _failed_node(result: NodeResult) -> ObservedOutcome:
    if (result.message or "").startswith(TIME_LIMIT_MESSAGE):
        return ObservedOutcome("FAIL", "timeout", "NODE_TIMED_OUT", TIME_LIMIT_MESSAGE)
    match result.dbt_status:
        case "fail":
            rows = "" if result.failures is None else f" in {result.failures} rows"
            return ObservedOutcome("FAIL", "failure", "TEST_FAILED", f"the test found faults{rows}")
        case "partial success":
            return ObservedOutcome("FAIL", "failure", "NODE_PARTLY_FAILED", "some batches of the node failed")
        case "runtime error":
            return ObservedOutcome("FAIL", "error", "NODE_ERROR", "dbt itself failed while it ran the node")
        case _:
            return ObservedOutcome("FAIL", "failure", "NODE_FAILED", "dbt could not run the node")


_RUN_OUTCOMES: Final[dict[RunOutcome, ObservedOutcome]] = {
    "succeeded": ObservedOutcome("COMPLETE", "success"),
    "failed": ObservedOutcome("FAIL", "failure", "RUN_FAILED", "the run failed"),
    "timed_out": ObservedOutcome("ABORT", "timeout", "RUN_TIMED_OUT", "the run reached its time limit"),
    "cancelled": ObservedOutcome("ABORT", "cancellation", "RUN_CANCELLED", "the run was cancelled"),
    "duplicate": ObservedOutcome("ABORT", "skip", "RUN_DUPLICATE", "another run has the same key"),
}


def run_outcome(record: RunRecord) -> ObservedOutcome:
    """The end of a run, with the code of the error that ended it."""
    usual = _RUN_OUTCOMES[record.outcome]
    if record.error is None:
        return usual
    return ObservedOutcome(usual.event, usual.result, record.error.code, usual.text)
