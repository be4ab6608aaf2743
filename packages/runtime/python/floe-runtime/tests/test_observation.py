"""Observers that misbehave: the run neither waits nor fails, and its record says what was lost."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from floe_runtime.dbt_command_engine import DbtCommandEngine
from floe_runtime.dbt_run import DbtRun
from floe_runtime.load_observers import observers_of
from floe_runtime.observation import (
    Observation,
    ObservedRun,
    ObserverAbsentError,
    ObserverSource,
    RunContext,
    describe_reports,
)
from floe_runtime.plan import Plan
from floe_runtime.run_events import AttemptStarted, LogLine, NodeFinished, NodeStarted
from floe_runtime.run_record import NodeResult, ObserverReport, RunRecord
from floe_runtime.run_request import RunRequest

RECORD = RunRecord(key="run-1", bundle_hash=None, planned=1, outcome="succeeded")
RESULT = NodeResult(id="model.shop.a", status="succeeded")


class Notes:
    """An observer that writes down its calls, and does something at each of them."""

    def __init__(self, act: Callable[[str], None] = lambda _call: None) -> None:
        self.calls: list[str] = []
        self._act = act

    def _note(self, call: str) -> None:
        self.calls.append(call)
        self._act(call)

    def run_started(self, run: ObservedRun) -> None:
        self._note(f"run {run.request.key}")

    def attempt_started(self, event: AttemptStarted) -> None:
        self._note(f"attempt {event.n}")

    def node_started(self, event: NodeStarted) -> None:
        self._note(f"start {event.id}")

    def node_finished(self, event: NodeFinished) -> None:
        self._note(f"end {event.result.id}")

    def run_finished(self, record: RunRecord) -> None:
        self._note(f"outcome {record.outcome}")

    def idle(self) -> bool:
        return False

    def hurry(self) -> None:
        self.calls.append("hurry")

    def report(self) -> ObserverReport:
        return ObserverReport(sent=len(self.calls))


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    document = {
        "schema": 1,
        "product": {"name": "shop"},
        "dbt": {"project_name": "p", "profile": "p", "target": "dev", "project_dir": "dbt", "profiles_dir": "profiles"},
        "nodes": [{"id": "model.shop.a", "kind": "model", "name": "a", "relation": ["db", "main", "a"]}],
        "sources": [{"id": "source.shop.raw.b", "relation": [None, "raw", "b"]}],
        "checks": [{"id": "test.shop.t", "name": "t", "kind": "generic", "primary": "model.shop.a", "column": "id"}],
        "observability": {"lineage": {"enabled": True, "namespace": "shop", "endpoint": "http://127.0.0.1:9"}},
    }
    (tmp_path / "pipeline.json").write_text(json.dumps(document), "utf-8")
    return Plan.read(tmp_path)


def observe(plan: Plan, observation: Observation) -> dict[str, ObserverReport]:
    """A whole run."""
    run = ObservedRun(plan, RunRequest(key="run-1"), plan.ids, RunContext(), "2026-01-02T03:04:05Z")
    observation.start(run)
    observation.tell(AttemptStarted(1, 0.0, plan.ids))
    observation.tell(NodeStarted("model.shop.a", None))
    observation.tell(LogLine("info", "not for observers"))
    observation.tell(NodeFinished(RESULT, 1))
    return observation.finish(RECORD, limit=2.0)


def test_plan_has_what_observers_need(plan: Plan) -> None:
    assert plan.sources == {"source.shop.raw.b": (None, "raw", "b")}
    assert plan.checks["test.shop.t"].column == "id"
    assert plan.observability["lineage"]["namespace"] == "shop"


def test_everything_is_told_in_order(plan: Plan) -> None:
    notes = Notes()
    reports = observe(plan, Observation([ObserverSource("notes", lambda: notes)]))
    assert notes.calls == ["run run-1", "attempt 1", "start model.shop.a", "end model.shop.a", "outcome succeeded"]
    assert reports == {"notes": ObserverReport(sent=5)}


def test_an_observer_that_throws_is_told_everything_and_reported(plan: Plan) -> None:
    def throw(_call: str) -> None:
        raise ValueError("canary-text")

    notes = Notes(throw)
    report = observe(plan, Observation([ObserverSource("notes", lambda: notes)]))["notes"]
    assert len(notes.calls) == 5
    assert (report.failed, report.note) == (5, "it failed: ValueError")


def test_one_observer_does_not_hold_up_another(plan: Plan) -> None:
    release = threading.Event()

    def wait(_call: str) -> None:
        release.wait(20)

    stuck, quick = Notes(wait), Notes()
    began = time.monotonic()
    reports = observe(
        plan, Observation([ObserverSource("stuck", lambda: stuck), ObserverSource("quick", lambda: quick)])
    )
    assert time.monotonic() - began < 3
    release.set()
    assert reports["quick"] == ObserverReport(sent=5)
    assert reports["stuck"].dropped == 3
    assert reports["stuck"].note == "it did not end within 2 s"
    assert "hurry" in stuck.calls


def test_a_run_that_must_end_soon_waits_less(plan: Plan) -> None:
    hurried = threading.Event()

    class Waiting(Notes):
        def run_finished(self, record: RunRecord) -> None:
            hurried.wait(20)
            super().run_finished(record)

        def hurry(self) -> None:
            super().hurry()
            hurried.set()

    waiting = Waiting(lambda _call: None)
    observation = Observation([ObserverSource("waiting", lambda: waiting)])
    observation.start(ObservedRun(plan, RunRequest(key="run-1"), plan.ids, RunContext(), "2026-01-02T03:04:05Z"))
    began = time.monotonic()
    report = observation.finish(RECORD, 0.8)["waiting"]
    assert time.monotonic() - began < 0.8
    assert report.note is None
    assert waiting.calls[-1] == "outcome succeeded"


def test_what_does_not_fit_into_the_queue_is_counted(plan: Plan) -> None:
    release = threading.Event()

    def wait(call: str) -> None:
        if call.startswith("run"):
            release.wait(20)

    notes = Notes(wait)
    observation = Observation([ObserverSource("notes", lambda: notes)], queue_limit=10)
    observation.start(ObservedRun(plan, RunRequest(key="run-1"), plan.ids, RunContext(), "2026-01-02T03:04:05Z"))
    for _ in range(50):
        observation.tell(NodeStarted("model.shop.a", None))
    release.set()
    report = observation.finish(RECORD)["notes"]
    assert 40 <= report.dropped <= 50
    assert notes.calls[-1] == "outcome succeeded"


def test_an_observer_that_cannot_be_is_named_once(plan: Plan) -> None:
    def absent() -> Notes:
        raise ObserverAbsentError("the package is not installed")

    def broken() -> Notes:
        raise OSError("canary-text")

    reports = observe(plan, Observation([ObserverSource("absent", absent), ObserverSource("broken", broken)]))
    assert reports["absent"] == ObserverReport(note="the package is not installed")
    assert reports["broken"] == ObserverReport(dropped=3, note="it cannot be started: OSError")
    assert [(line.level, line.text) for line in describe_reports(reports)] == [
        ("warning", "absent: nothing sent (the package is not installed)"),
        ("warning", "broken: 3 dropped (it cannot be started: OSError)"),
    ]


def test_slow_work_for_earlier_runs_waits_for_this_run(plan: Plan) -> None:
    class Resending(Notes):
        left = 3

        def idle(self) -> bool:
            self.left -= 1
            return self.left > 0

    notes = Resending()
    observe(plan, Observation([ObserverSource("notes", lambda: notes)]))
    assert notes.calls[-1] == "outcome succeeded"


class NoEngine(DbtCommandEngine):
    """An engine whose program is not there."""

    def start(self, *_arguments: object) -> None:
        raise FileNotFoundError(2, "no such file", "dbt")


def test_a_run_that_cannot_begin_is_observed_and_its_record_says_so(plan: Plan) -> None:
    notes = Notes()
    with DbtRun(
        plan,
        RunRequest(key="run-1"),
        engine=NoEngine(("dbt",)),
        environ={},
        observers=[ObserverSource("notes", lambda: notes)],
    ) as run:
        log = [event.text for event in run.events() if isinstance(event, LogLine)]
    assert notes.calls == ["run run-1", "outcome failed"]
    assert run.record.observers == {"notes": ObserverReport(sent=2)}
    assert json.loads(run.record.to_json())["observers"]["notes"]["sent"] == 2
    assert "notes: 2 sent" in log


def test_who_asks_for_lineage_hears_that_its_package_is_missing(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "floe_observers.sources", None)
    [source] = observers_of(plan, {})
    with pytest.raises(ObserverAbsentError, match="floe-observers is not installed"):
        source.create()
    assert observers_of(Plan(**{**plan.__dict__, "observability": {}}), {}) == []
