"""The sensor flow: one look of one sensor; something new becomes an event, to which an automation answers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from floe_runtime import fingerprints
from floe_runtime.data_directory import data_directory
from prefect import Flow, flow, get_run_logger
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.variables import Variable

from floe_prefect.definitions_data import DefinitionsData, SensorData, read_definitions_data

FIRED: Final = "floe.sensor.fired"
_NAMESPACE: Final = uuid.UUID("0d3a5c52-6b6f-5f0e-8a44-7f1f6f0f9c11")
"""Made once for floe; never changes."""
_UNFINISHED: Final = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING]
_LIMIT: Final = 200


def build_sensor_flow(bundle: Path) -> Flow[[str], str]:
    """The sensor flow of the bundle's product."""
    data = read_definitions_data(bundle)
    sensors = {sensor["name"]: sensor for sensor in data["sensors"]}

    @flow(name=data["sensor_flow"], retries=0, persist_result=False)
    def sensor_flow(sensor: str) -> str:
        if sensor not in sensors:
            raise ValueError(f"{data['product']} has no sensor {sensor!r}; deploy the product again")
        with get_client(sync_client=True) as client:
            seen = look(client, data, sensors[sensor], bundle)
        get_run_logger().info(seen)
        return seen

    return sensor_flow


def look(client: SyncPrefectClient, data: DefinitionsData, sensor: SensorData, bundle: Path) -> str:
    """One look; what it has found, in a sentence."""
    firings, fingerprint = _read_cursor(sensor)
    found = _fingerprint(sensor, bundle)
    if found is None:
        if sensor["type"] == "http_ready" and fingerprint is not None:
            # The next answer of the 2xx kind is an edge, even with an unchanged body.
            _write_cursor(data, sensor, firings, None)
        return _nothing(sensor)
    if found == fingerprint:
        return "nothing new"
    unfinished = _unfinished_triggers(client, data)
    if f"sensor:{sensor['name']}" in unfinished:
        return "the run of the last firing is under way; what is new waits for its end"
    if data["on_busy"] != "wait" and unfinished:
        return "a run of the product is under way; what is new waits for its end"
    client.request("POST", "/events", json=[_event(data, sensor, firings + 1, found)])
    _write_cursor(data, sensor, firings + 1, found)
    return f"fired for {found}"


def _fingerprint(sensor: SensorData, bundle: Path) -> str | None:
    if sensor["type"] == "file_changed":
        return fingerprints.of_file(data_directory(bundle) / sensor["path"])
    return fingerprints.of_url(sensor["url"])


def _event(data: DefinitionsData, sensor: SensorData, firing: int, fingerprint: str) -> dict[str, Any]:
    """The id follows from the firing, so that a look that is repeated after a crash does not fire twice."""
    return {
        "id": str(uuid.uuid5(_NAMESPACE, f"{sensor['resource']}\n{firing}\n{fingerprint}")),
        "occurred": datetime.now(UTC).isoformat(),
        "event": FIRED,
        "resource": {
            "prefect.resource.id": sensor["resource"],
            "prefect.resource.name": f"{data['product']} {sensor['name']}",
        },
        "related": [],
        "payload": {"fingerprint": fingerprint},
    }


def _unfinished_triggers(client: SyncPrefectClient, data: DefinitionsData) -> list[str | None]:
    """The triggers of the product's runs that have begun or are about to; runs of later slots do not count."""
    runs = client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[data["flow"]])),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[data["platform"]])),
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_UNFINISHED))),
        limit=_LIMIT,
    )
    now = datetime.now(UTC)
    return [
        run.parameters.get("trigger")
        for run in runs
        if not run.auto_scheduled or run.expected_start_time is None or run.expected_start_time <= now
    ]


def _read_cursor(sensor: SensorData) -> tuple[int, str | None]:
    value = Variable.get(sensor["cursor"], default=None)
    if not isinstance(value, dict):
        return 0, None
    firings, fingerprint = value.get("firings"), value.get("fingerprint")
    return firings if isinstance(firings, int) else 0, fingerprint if isinstance(fingerprint, str) else None


def _write_cursor(data: DefinitionsData, sensor: SensorData, firings: int, fingerprint: str | None) -> None:
    value = {"firings": firings, "fingerprint": fingerprint}
    Variable.set(sensor["cursor"], value, tags=data["tags"], overwrite=True)


def _nothing(sensor: SensorData) -> str:
    if sensor["type"] == "file_changed":
        return f"there is no file {sensor['path']}"
    return f"{sensor['url']} does not answer with 2xx"
