"""The errors of a run that lie outside of any node, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from floe_runtime.plan import Plan
from floe_runtime.protocol import ChildFailure
from floe_runtime.run_record import RunError
from floe_runtime.run_request import RunRequest


def refusal(plan: Plan, request: RunRequest, ids: frozenset[str]) -> RunError | None:
    """Why a run must not begin, if it must not."""
    expected, actual = request.bundle_hash, plan.bundle_hash
    again = "Deploy the product again, then start the run."
    if expected is not None and actual is not None and expected != actual:
        return RunError("DEPLOYMENT_STALE", f"the run was planned with bundle {expected}, deployed is {actual}", again)
    unknown = sorted(ids - plan.ids)
    if unknown:
        message = f"{len(unknown)} of the wanted nodes are not in the deployed product, for example {unknown[0]}"
        return RunError("DEPLOYMENT_STALE", message, again)
    if not ids:
        return RunError("SELECTION_EMPTY", "the run has no nodes", "Select at least one node.")
    return None


def cannot_start(error: OSError) -> RunError:
    """The program of the engine cannot be started."""
    return RunError(
        "PYTHON_ENVIRONMENT_FAILED",
        f"cannot start dbt: {error.filename or ''}: {error.strerror or error}",
        "Check execution.dbt.python: it names a Python interpreter that has dbt and floe-dbt installed.",
    )


def not_parsed(failure: ChildFailure | None) -> RunError:
    """dbt refuses the project."""
    message = failure.message if failure is not None else "dbt cannot parse the project"
    return RunError("DBT_PARSE_FAILED", message, "Mend the project; `dbt parse` shows the same error.")


def not_in_project(absent: Sequence[str]) -> RunError:
    """The project that dbt sees lacks planned nodes."""
    return RunError(
        "DBT_MANIFEST_MISMATCH",
        f"with this target and these variables, {len(absent)} planned nodes are not in the dbt project, "
        f"for example {absent[0]}",
        "Compile and deploy the product with the target and variables that the run uses.",
    )


def other_protocol(reason: str) -> RunError:
    """The two sides of the runtime do not belong together."""
    return RunError("PLUGIN_INCOMPATIBLE", reason, "Install the same version of both packages.")


def child_lost(code: int | None, output: str) -> RunError:
    """The engine's process ended although there was work left; `output` is the end of what it wrote, redacted."""
    last = f": {output.splitlines()[-1][:500]}" if output else ""
    if "No module named" in last:
        return RunError(
            "PYTHON_ENVIRONMENT_FAILED",
            f"dbt cannot start{last}",
            "Install dbt, its adapter and floe-dbt into the Python that execution.dbt.python names.",
        )
    how = "was lost" if code is None else f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
    next_step = "Look for a memory limit and for whoever ends processes, then start the run again."
    return RunError("RUN_LOST", f"the dbt process {how}{last}", next_step)


def node_stuck(node_id: str) -> RunError:
    """A node goes on although its query was cancelled."""
    return RunError("RUN_FAILED", f"{node_id} did not stop at its time limit", "Raise node_timeout, or mend the node.")


def defect(error: Exception) -> RunError:
    """floe itself went wrong."""
    return RunError("INTERNAL", f"{type(error).__name__}: {error}", "Report this as a defect of floe.")
