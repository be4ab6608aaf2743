"""Changes that a sensor sees during a run coalesce into one: the first run that begins covers the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import PrefectException
from prefect.states import Cancelled

_LIMIT: Final = 200


def end_covered_runs(flow_run: FlowRun, trigger: str) -> Iterator[str]:
    """Ends the runs of the same sensor that were asked for before this one began and still wait; a line for each."""
    deployment = flow_run.deployment_id
    if deployment is None:
        return
    try:
        with get_client(sync_client=True) as client:
            for other in _waiting(client, deployment, trigger):
                if other.id == flow_run.id:
                    continue
                message = f"Run {flow_run.name} ({flow_run.id}) has begun after this change and covers it."
                client.set_flow_run_state(other.id, Cancelled(message=message))
                yield f"run {other.name} of {trigger} is covered by this run and was ended"
    except (httpx.HTTPError, PrefectException) as error:
        # The other runs then do the work once more; that is not wrong.
        yield f"waiting runs of {trigger} could not be ended: {type(error).__name__}"


def _waiting(client: SyncPrefectClient, deployment: UUID, trigger: str) -> list[FlowRun]:
    scheduled = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
    runs = client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])),
        flow_run_filter=FlowRunFilter(state=scheduled),
        limit=_LIMIT,
    )
    return [run for run in runs if run.parameters.get("trigger") == trigger]
