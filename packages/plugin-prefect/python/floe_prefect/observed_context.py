"""What Prefect knows of a run, for lineage and traces."""

from __future__ import annotations

import prefect
from floe_runtime.observation import RunContext
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_UI_URL


def observed_context(flow_run: FlowRun) -> RunContext:
    """The run with its page and the slot of its schedule."""
    pages: str | None = PREFECT_UI_URL.value()
    slot = flow_run.expected_start_time if flow_run.auto_scheduled else None
    return RunContext(
        platform="prefect",
        platform_version=prefect.__version__,
        run_id=str(flow_run.id),
        run_url=f"{pages.rstrip('/')}/runs/flow-run/{flow_run.id}" if pages else None,
        nominal_time=None if slot is None else slot.isoformat(),
        again=str(flow_run.run_count) if flow_run.run_count > 1 else None,
    )
