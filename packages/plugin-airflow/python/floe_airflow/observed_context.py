"""What Airflow knows of a run, for lineage and traces."""

from __future__ import annotations

from airflow import __version__
from airflow.sdk import Context
from floe_runtime.observation import RunContext

from floe_airflow.run_requests import TRIGGER_KEY
from floe_airflow.task_names import BUILD_TASK


def observed_context(context: Context) -> RunContext:
    """The run with the slot of its schedule."""
    run = context["dag_run"]
    trigger = (run.conf or {}).get(TRIGGER_KEY)
    slot = trigger.get("slot") if isinstance(trigger, dict) else None
    return RunContext(
        platform="airflow",
        platform_version=__version__,
        run_id=run.run_id,
        nominal_time=slot if isinstance(slot, str) else None,
        again=_again(run.clear_number, context["ti"].task_id),
    )


def _again(clearings: int | None, task: str) -> str | None:
    """After a clearing; each node that is run alone is work of its own."""
    if not clearings:
        return None
    return str(clearings) if task == BUILD_TASK else f"{clearings}.{task}"
