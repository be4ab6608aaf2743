"""The shape of airflow.json: the product in Airflow's names, checked and made by the compiler."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypedDict, cast


class AssetData(TypedDict, total=False):
    """
    An asset that dbt builds (a model, seed or snapshot), or one that somebody else fills (a source). `upstream` are
    indices into assets followed by externals; absent fields are empty.
    """

    id: str
    name: str
    uri: str
    upstream: list[int]


class ExposureData(TypedDict, total=False):
    """A reader of assets."""

    id: str
    name: str
    upstream: list[int]


class AssetName(TypedDict):
    name: str
    uri: str


class TaskData(TypedDict):
    """A task for an asset and the tests that belong to it; `asset`, `checks` and `upstream` (tasks) are indices."""

    id: str
    title: str
    asset: int
    checks: list[int]
    upstream: list[int]


class JobData(TypedDict):
    """A part of the product; `assets` and `checks` are indices, null means all."""

    name: str
    assets: list[int] | None
    checks: list[int] | None


class ScheduleData(TypedDict):
    dag_id: str
    name: str
    job: str
    cron: str
    timezone: str
    enabled: bool


class SensorData(TypedDict, total=False):
    """`asset` is what fires it: another product's, or one of its own that a trigger watches."""

    dag_id: str
    name: str
    job: str
    type: Literal["product_succeeded", "asset_updated", "file_changed", "http_ready"]
    enabled: bool
    interval: int
    asset: AssetName
    path: str
    url: str


class DefinitionsData(TypedDict):
    schema: Literal[1]
    product: str
    platform: str
    dag_id: str
    description: str
    granularity: Literal["build", "node"]
    status_url: str
    tasks: list[TaskData]
    on_busy: Literal["wait", "skip", "fail"]
    restarts: int
    timeout: float
    dagrun_timeout: float
    product_asset: AssetName
    assets: list[AssetData]
    externals: list[AssetData]
    exposures: list[ExposureData]
    checks: list[str]
    jobs: list[JobData]
    schedules: list[ScheduleData]
    sensors: list[SensorData]


def read_definitions_data(bundle: Path) -> DefinitionsData:
    """Reads airflow.json of a bundle."""
    data = json.loads((bundle / "airflow.json").read_bytes())
    if data.get("schema") != 1:
        raise ValueError(
            f"airflow.json has schema {data.get('schema')!r}, this loader reads 1: generate the bundle again"
        )
    return cast(DefinitionsData, data)


def read_bundle_hash(bundle: Path) -> str:
    """The hash under which the bundle was made; it stands outside of the hashed files."""
    return str(json.loads((bundle / "bundle.json").read_bytes())["bundle_hash"])
