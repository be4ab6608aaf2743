"""One firing for each new fingerprint, none while the last one's run is under way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import SENSORS, definitions
from floe_runtime import fingerprints

from floe_prefect import sensor_flow


class NotedClient:
    """Prefect with some unfinished runs, which notes what is posted."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.runs: list[SimpleNamespace] = []

    def request(self, method: str, path: str, json: list[dict[str, Any]]) -> None:
        assert (method, path) == ("POST", "/events")
        self.events += json

    def read_flow_runs(self, **_filters: object) -> list[SimpleNamespace]:
        return self.runs


class Looker:
    """Looks with one sensor, again and again."""

    def __init__(self, sensor: dict[str, str], bundle: Path) -> None:
        self.client = NotedClient()
        self.data: dict[str, Any] = definitions()
        self._sensor = sensor
        self._bundle = bundle

    def look(self) -> str:
        client: Any = self.client
        data: Any = self.data
        sensor: Any = self._sensor
        return sensor_flow.look(client, data, sensor, self._bundle)


def run(trigger: str | None, *, auto: bool = False, minutes: int = 0) -> SimpleNamespace:
    due = datetime.now(UTC) + timedelta(minutes=minutes)
    return SimpleNamespace(parameters={"trigger": trigger}, auto_scheduled=auto, expected_start_time=due)


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}

    class Variable:
        @staticmethod
        def get(name: str, default: object = None) -> object:
            return kept.get(name, default)

        @staticmethod
        def set(name: str, value: object, tags: list[str], overwrite: bool) -> None:
            assert overwrite and "floe:product=shop" in tags
            kept[name] = value

    monkeypatch.setattr(sensor_flow, "Variable", Variable)
    return kept


@pytest.fixture
def file_looker(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Looker:
    monkeypatch.setenv("FLOE_DATA_DIR", str(bundle))
    return Looker(SENSORS[0], bundle)


def test_a_file_fires_when_it_appears_and_when_it_changes(file_looker: Looker, bundle: Path) -> None:
    assert file_looker.look() == "there is no file in.csv"
    (bundle / "in.csv").write_text("a")
    assert file_looker.look().startswith("fired for ")
    assert file_looker.look() == "nothing new"
    (bundle / "in.csv").write_text("ab")
    assert file_looker.look().startswith("fired for ")
    first, second = file_looker.client.events
    assert first["event"] == "floe.sensor.fired"
    assert first["resource"]["prefect.resource.id"] == "floe.sensor.local/shop/on_file"
    assert first["id"] != second["id"]


def test_a_look_that_is_repeated_after_a_crash_fires_the_same_event(
    file_looker: Looker, bundle: Path, variables: dict[str, Any]
) -> None:
    (bundle / "in.csv").write_text("a")
    file_looker.look()
    variables.clear()
    file_looker.look()
    first, second = file_looker.client.events
    assert first["id"] == second["id"]


def test_what_is_new_waits_for_the_end_of_the_sensors_own_run(file_looker: Looker, bundle: Path) -> None:
    (bundle / "in.csv").write_text("a")
    file_looker.client.runs = [run("sensor:on_file")]
    assert "waits for its end" in file_looker.look()
    file_looker.client.runs = [run("sensor:other"), run(None)]
    assert file_looker.look().startswith("fired for ")


def test_a_product_that_skips_when_busy_fires_later(file_looker: Looker, bundle: Path) -> None:
    (bundle / "in.csv").write_text("a")
    file_looker.data["on_busy"] = "skip"
    file_looker.client.runs = [run(None)]
    assert file_looker.look().startswith("a run of the product is under way")
    # The slots of schedules that are not due yet are no runs.
    file_looker.client.runs = [run("schedule:daily", auto=True, minutes=60)]
    assert file_looker.look().startswith("fired for ")


def test_a_page_fires_on_the_edge_to_2xx(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looker = Looker(SENSORS[1], bundle)
    answers = iter([None, "ETag=1", "ETag=1", None, "ETag=1", "ETag=2"])
    monkeypatch.setattr(fingerprints, "of_url", lambda _url: next(answers))
    said = [looker.look() for _ in range(6)]
    assert [text.startswith("fired") for text in said] == [False, True, False, False, True, True]
    assert len({event["id"] for event in looker.client.events}) == 3
