"""The shape of dagster.json: the product in Dagster's names, checked and made by the compiler."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypedDict, cast


class AssetData(TypedDict, total=False):
    """An asset that dbt builds. `deps` are indices into assets followed by externals; absent fields are empty."""

    id: str
    key: list[str]
    deps: list[int]
    group: str
    description: str
    tags: dict[str, str]
    kinds: list[str]
    owners: list[str]
    code_version: str
    table: str
    columns: list[list[str]]


class ExternalData(TypedDict, total=False):
    """An asset that somebody else fills (a source), or a reader of assets (an exposure)."""

    id: str
    key: list[str]
    deps: list[int]
    group: str
    description: str
    tags: dict[str, str]
    kinds: list[str]
    owners: list[str]
    table: str
    url: str


class CheckData(TypedDict, total=False):
    """A dbt test. `asset` and `also` are indices into assets followed by externals."""

    id: str
    name: str
    asset: int
    also: list[int]
    blocking: bool
    description: str


class JobData(TypedDict):
    """A job; `assets` and `checks` are indices, null means all."""

    name: str
    description: str
    assets: list[int] | None
    checks: list[int] | None


class ScheduleData(TypedDict):
    name: str
    job: str
    cron: str
    timezone: str
    enabled: bool


class SensorData(TypedDict, total=False):
    name: str
    job: str
    type: Literal["product_succeeded", "asset_updated", "file_changed", "http_ready"]
    enabled: bool
    interval: int
    product: str
    asset: list[str]
    path: str
    url: str


class DefinitionsData(TypedDict):
    schema: Literal[1]
    product: str
    op: str
    pool: str
    run_tags: dict[str, str]
    on_busy: Literal["wait", "skip", "fail"]
    assets: list[AssetData]
    externals: list[ExternalData]
    checks: list[CheckData]
    jobs: list[JobData]
    schedules: list[ScheduleData]
    sensors: list[SensorData]


def read_definitions_data(bundle: Path) -> DefinitionsData:
    """Reads dagster.json of a bundle."""
    data = json.loads((bundle / "dagster.json").read_bytes())
    if data.get("schema") != 1:
        raise ValueError(
            f"dagster.json has schema {data.get('schema')!r}, this loader reads 1: generate the bundle again"
        )
    return cast(DefinitionsData, data)


def read_bundle_hash(bundle: Path) -> str:
    """The hash under which the bundle was made; it stands outside of the hashed files."""
    return str(json.loads((bundle / "bundle.json").read_bytes())["bundle_hash"])
