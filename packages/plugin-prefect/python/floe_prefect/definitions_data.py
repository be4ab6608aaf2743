"""The shape of prefect.json: the product in Prefect's names, checked and made by the compiler."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypedDict, cast


class NodeData(TypedDict, total=False):
    """What a mirrored task run shows of a node. `waits` are indices into nodes; absent fields are empty."""

    id: str
    name: str
    kind: str
    waits: list[int]
    asset: str
    upstream: list[str]


class ArtifactKeys(TypedDict):
    record: str
    results: str


class SensorData(TypedDict, total=False):
    """A sensor that the sensor flow looks after."""

    name: str
    type: Literal["file_changed", "http_ready"]
    path: str
    url: str
    cursor: str
    """Name of the Prefect variable that keeps what was seen last."""
    resource: str
    """The resource of the event that it sends."""


class DefinitionsData(TypedDict):
    """What the flows read; the deployments and automations of prefect.json are for the deploying side."""

    schema: Literal[1]
    product: str
    platform: str
    flow: str
    sensor_flow: str
    on_busy: Literal["wait", "skip", "fail"]
    tags: list[str]
    """Whose the objects at Prefect are."""
    artifacts: ArtifactKeys
    nodes: list[NodeData]
    jobs: dict[str, list[str] | None]
    """The exact ids of each job, null for the whole product."""
    sensors: list[SensorData]


def read_definitions_data(bundle: Path) -> DefinitionsData:
    """Reads prefect.json of a bundle."""
    data = json.loads((bundle / "prefect.json").read_bytes())
    if data.get("schema") != 1:
        raise ValueError(
            f"prefect.json has schema {data.get('schema')!r}, this loader reads 1: generate the bundle again"
        )
    return cast(DefinitionsData, data)
