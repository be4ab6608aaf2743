"""Lineage goes out, or is kept, counted and sent by the next run."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from floe_observers.lineage_observer import LineageObserver
from floe_observers.settings import lineage_settings
from floe_observers.sources import observer_sources
from floe_observers.spool import Spool
from floe_runtime.observation import Observation, Observer
from floe_runtime.plan import Plan
from floe_runtime.run_record import ObserverReport
from http_receiver import HttpReceiver
from shop import GOOD, attempt_events, observed, play, record_of, write_plan

EXPECTED = 2 + 2 * len(GOOD)


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.chdir(tmp_path)


def lineage_observer(plan: Plan, environ: dict[str, str] | None = None) -> Observer:
    [source] = [source for source in observer_sources(plan, environ or {}) if source.name == "openlineage"]
    return source.create()


def tell(observer: Observer, plan: Plan, key: str = "run-1") -> ObserverReport:
    play(observer, observed(plan, key), attempt_events(1, GOOD), record_of("succeeded", [GOOD], key=key))
    return observer.report()


def spooled(tmp_path: Path) -> list[dict[str, Any]]:
    file = tmp_path / ".data" / ".lineage" / "shop.spool"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def test_http(tmp_path: Path, receiver: HttpReceiver) -> None:
    plan = write_plan(tmp_path, endpoint=receiver.url, transport="http")
    report = tell(lineage_observer(plan, {"OPENLINEAGE_API_KEY": "k1"}), plan)
    assert report == ObserverReport(sent=EXPECTED)
    assert set(receiver.paths) == {"/api/v1/lineage"}
    assert receiver.headers[0]["authorization"] == "Bearer k1"
    events = [json.loads(body) for body in receiver.bodies]
    assert events[0]["eventType"] == "START"
    assert events[-1]["eventType"] == "COMPLETE"


def test_an_endpoint_with_a_path(tmp_path: Path, receiver: HttpReceiver) -> None:
    plan = write_plan(tmp_path, endpoint=f"{receiver.url}/lineage/v2", transport="http")
    assert tell(lineage_observer(plan), plan).complete
    assert set(receiver.paths) == {"/lineage/v2"}


def test_file(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, transport="file")
    assert tell(lineage_observer(plan), plan) == ObserverReport(sent=EXPECTED)
    lines = (tmp_path / ".data" / ".lineage" / "shop.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == EXPECTED


def test_console(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plan = write_plan(tmp_path, transport="console")
    assert tell(lineage_observer(plan), plan).sent == EXPECTED
    assert capfd.readouterr().err.count('"runId"') >= EXPECTED


def test_the_settings_of_the_process_win(
    tmp_path: Path, receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = write_plan(tmp_path, endpoint="http://127.0.0.1:1", transport="http")
    monkeypatch.setenv("OPENLINEAGE_URL", receiver.url)
    assert tell(lineage_observer(plan, {"OPENLINEAGE_URL": receiver.url}), plan).complete
    assert len(receiver.bodies) == EXPECTED


def test_nested_settings_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = write_plan(tmp_path)
    target = tmp_path / "events.jsonl"
    environ = {"OPENLINEAGE__TRANSPORT__TYPE": "file", "OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": str(target)}
    environ["OPENLINEAGE__TRANSPORT__APPEND"] = "true"
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert tell(lineage_observer(plan, environ), plan).complete
    assert len(target.read_text("utf-8").splitlines()) == EXPECTED


@pytest.mark.parametrize(
    ("settings", "environ"),
    [
        ({"enabled": False, "transport": "console"}, {}),
        ({"transport": "noop"}, {}),
        ({}, {}),
        ({"transport": "console"}, {"OPENLINEAGE_DISABLED": "true"}),
    ],
)
def test_off(tmp_path: Path, settings: dict[str, Any], environ: dict[str, str]) -> None:
    assert observer_sources(write_plan(tmp_path, **settings), environ) == []


def test_receiver_is_down_then_back(tmp_path: Path, receiver: HttpReceiver) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        began = time.monotonic()
        plan = write_plan(tmp_path, endpoint=nowhere, transport="http")
        report = tell(lineage_observer(plan), plan)
    assert time.monotonic() - began < 2
    assert report == ObserverReport(spooled=EXPECTED, note="the receiver of lineage does not answer")
    assert len(spooled(tmp_path)) == EXPECTED

    plan = write_plan(tmp_path, endpoint=receiver.url, transport="http")
    observer = lineage_observer(plan)
    observer.run_started(observed(plan, "run-2"))
    while observer.idle():
        pass
    observer.run_finished(record_of("succeeded", [], key="run-2"))
    assert observer.report() == ObserverReport(sent=2, resent=EXPECTED)
    assert spooled(tmp_path) == []
    ids = {json.loads(body)["run"]["runId"] for body in receiver.bodies}
    assert len(ids) == 1 + len(GOOD) + 1


def test_receiver_answers_500(tmp_path: Path, receiver: HttpReceiver) -> None:
    receiver.status = 500
    plan = write_plan(tmp_path, endpoint=receiver.url, transport="http")
    report = tell(lineage_observer(plan), plan)
    assert (report.sent, report.failed, report.spooled) == (0, 0, EXPECTED)
    assert len(receiver.paths) <= 2, "it is asked once, and once more, not for each event"


def test_receiver_hangs(tmp_path: Path, receiver: HttpReceiver) -> None:
    receiver.hanging = True
    plan = write_plan(tmp_path, endpoint=receiver.url, transport="http")
    observation = Observation(observer_sources(plan, {}))
    began = time.monotonic()
    observation.start(observed(plan))
    for event in attempt_events(1, GOOD):
        observation.tell(event)
    told = time.monotonic() - began
    reports = observation.finish(record_of("succeeded", [GOOD]))
    assert told < 0.5, "telling never waits"
    assert time.monotonic() - began < 5.5
    assert reports["openlineage"].spooled == EXPECTED
    assert reports["openlineage"].note == "the receiver of lineage does not answer"


def test_receiver_refuses_the_event_itself(tmp_path: Path, receiver: HttpReceiver) -> None:
    receiver.status = 422
    plan = write_plan(tmp_path, endpoint=receiver.url, transport="http")
    report = tell(lineage_observer(plan), plan)
    assert report == ObserverReport(failed=EXPECTED, note="the receiver refuses events with status 422")
    assert spooled(tmp_path) == []


class FaultyClient:
    """Fails as often as it is told."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.seen: list[Any] = []
        self.transport = self

    def emit(self, event: Any) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("no space left")
        self.seen.append(event)

    def close(self, timeout: float = -1) -> bool:
        return timeout >= 0


def test_it_tries_again_after_a_pause(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, transport="file")
    clock: Callable[[], float] = iter([0.0, 0.0, *(float(second) for second in range(0, 2_000, 5))]).__next__
    settings = lineage_settings(plan.observability, {})
    assert settings is not None
    client = FaultyClient(1)
    observer = LineageObserver(settings, client, Spool(tmp_path / "a.spool"), clock)
    report = tell(observer, plan)
    assert report.sent + report.spooled == EXPECTED
    assert report.spooled > 1, "while it pauses, nothing is tried"
    assert report.sent > 1, "after it, the receiver is back"
    assert report.note == "the receiver of lineage cannot be written (OSError)"
