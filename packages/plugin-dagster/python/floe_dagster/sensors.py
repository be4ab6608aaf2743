"""Sensors from dagster.json: one firing for each new fingerprint, none while the last one's run is under way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import dagster as dg
from floe_runtime.data_directory import data_directory
from floe_runtime.fingerprints import of_file, of_url

from floe_dagster import fingerprints
from floe_dagster.busy import product_is_busy, sensor_is_busy
from floe_dagster.definitions_data import DefinitionsData, SensorData

Look = Callable[[dg.DagsterInstance], str | None]


def build_sensors(
    data: DefinitionsData, jobs: Mapping[str, dg.UnresolvedAssetJobDefinition], bundle: Path
) -> list[dg.SensorDefinition]:
    """Sensors that Dagster's daemon evaluates; only the enabled ones without being started by hand."""
    return [_sensor(entry, jobs[entry["job"]], data, _look(entry, bundle)) for entry in data["sensors"]]


def _sensor(
    entry: SensorData, job: dg.UnresolvedAssetJobDefinition, data: DefinitionsData, look: Look
) -> dg.SensorDefinition:
    skip_when_busy = data["on_busy"] == "skip"

    def evaluate(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        seen = _Cursor.read(context.cursor)
        found = look(context.instance)
        if found is None:
            if entry["type"] == "http_ready" and seen.fingerprint is not None:
                # The next answer of the 2xx kind is an edge, even with an unchanged body.
                context.update_cursor(_Cursor(seen.firings, None).write())
            return dg.SkipReason(_nothing(entry))
        if found == seen.fingerprint:
            return dg.SkipReason("nothing new")
        if sensor_is_busy(context.instance, data["product"], entry["name"]):
            return dg.SkipReason("the run of the last firing is under way; what is new waits for its end")
        if skip_when_busy and product_is_busy(context.instance, data["product"]):
            return dg.SkipReason("a run of the product is under way")
        fired = _Cursor(seen.firings + 1, found)
        context.update_cursor(fired.write())
        return dg.RunRequest(run_key=fired.run_key())

    return dg.SensorDefinition(
        name=entry["name"],
        job=job,
        evaluation_fn=evaluate,
        minimum_interval_seconds=entry["interval"],
        default_status=dg.DefaultSensorStatus.RUNNING if entry["enabled"] else dg.DefaultSensorStatus.STOPPED,
    )


class _Cursor:
    """How often a sensor fired, and for what last."""

    def __init__(self, firings: int, fingerprint: str | None) -> None:
        self.firings = firings
        self.fingerprint = fingerprint

    @classmethod
    def read(cls, text: str | None) -> _Cursor:
        if not text:
            return cls(0, None)
        data = json.loads(text)
        return cls(int(data["firings"]), data["fingerprint"])

    def write(self) -> str:
        return json.dumps({"firings": self.firings, "fingerprint": self.fingerprint})

    def run_key(self) -> str:
        """Keeps a tick that is repeated after a crash from firing twice."""
        digest = hashlib.sha256((self.fingerprint or "").encode()).hexdigest()
        return f"{self.firings}-{digest[:16]}"


def _look(entry: SensorData, bundle: Path) -> Look:
    if entry["type"] == "product_succeeded":
        product = entry["product"]
        return lambda instance: fingerprints.of_product(instance, product)
    if entry["type"] == "asset_updated":
        asset = dg.AssetKey(entry["asset"])
        return lambda instance: fingerprints.of_asset(instance, asset)
    if entry["type"] == "file_changed":
        path = data_directory(bundle) / entry["path"]
        return lambda _instance: of_file(path)
    url = entry["url"]
    return lambda _instance: of_url(url)


def _nothing(entry: SensorData) -> str:
    if entry["type"] == "product_succeeded":
        return f"no successful run of {entry['product']} yet"
    if entry["type"] == "asset_updated":
        return f"{'/'.join(entry['asset'])} was not made yet"
    if entry["type"] == "file_changed":
        return f"there is no file {entry['path']}"
    return f"{entry['url']} does not answer with 2xx"
