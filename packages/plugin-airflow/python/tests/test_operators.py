from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException, AirflowTaskTimeout
from airflow.sdk import Context
from airflow.sdk.exceptions import DagRunTriggerException
from floe_runtime.plan import Plan
from floe_runtime.run_events import LogLine, NodeFinished, NodeStarted, RunEvent
from floe_runtime.run_record import Attempt, NodeResult, RunError, RunRecord
from floe_runtime.run_request import RunRequest

from floe_airflow import build_operator, dbt_operator
from floe_airflow.build_operator import BuildOperator
from floe_airflow.definitions_data import DefinitionsData, read_definitions_data
from floe_airflow.fire_operator import FireOperator
from floe_airflow.observed_context import observed_context
from floe_airflow.product_dags import product_dags
from floe_airflow.run_report import RunReport
from floe_airflow.run_requests import ids_of, key_of_run, request_of
from floe_airflow.verdict_operator import VerdictOperator

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=timezone.utc)
GOOD = NodeResult("model.shop.a", "succeeded", rows=3, seconds=0.5)
BAD = NodeResult("model.shop.b", "failed", dbt_status="error", message="no such column")
CHECK = NodeResult("test.shop.of_a", "succeeded")


class Task:
    """What a task instance gives an operator."""

    task_id = "build"

    def __init__(self, pulled: object = None, running: int = 0) -> None:
        self.pushed: dict[str, Any] = {}
        self._pulled = pulled
        self._running = running

    def xcom_push(self, key: str, value: object) -> None:
        self.pushed[key] = value

    def xcom_pull(self, task_ids: str, key: str) -> object:
        assert (task_ids, key) == ("build", "floe_record")
        return self._pulled

    def get_dr_count(self, _dag_id: str, states: list[str]) -> int:
        assert states == ["queued", "running"]
        return self._running


class Events:
    """Takes events of assets."""

    def __init__(self) -> None:
        self.added: list[tuple[str, dict[str, Any]]] = []

    def add(self, asset: Any, extra: dict[str, Any]) -> None:
        self.added.append((asset.name, extra["floe"]))


def context_of(task: Task, conf: dict[str, Any] | None = None, run_id: str = "floe__k", **more: Any) -> Context:
    run = SimpleNamespace(run_id=run_id, conf=conf or {}, logical_date=None, run_after=NOW, clear_number=0)
    return cast(Context, {"ti": task, "dag_run": run, **more})


def test_work_that_is_done_again_is_told_from_the_first() -> None:
    task = Task()
    context = context_of(task)
    assert observed_context(context).again is None
    context["dag_run"].clear_number = 2
    assert observed_context(context).again == "2"
    task.task_id = "model.shop.a"
    assert observed_context(context).again == "2.model.shop.a"


def record_of(*results: NodeResult, **fields: Any) -> RunRecord:
    attempts = (Attempt(1, 0, results),) if results else ()
    return replace(RunRecord("k", None, len(results), "succeeded", attempts=attempts), **fields)


class ScriptedRun:
    """Stands for a run of dbt."""

    def __init__(self, record: RunRecord, events: tuple[RunEvent, ...], cut: bool) -> None:
        self.record = record
        self._events = events
        self._cut = cut
        self.cancelled = False

    def __enter__(self) -> ScriptedRun:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def events(self) -> Iterator[RunEvent]:
        yield from self._events
        if self._cut:
            raise AirflowTaskTimeout("too long")

    def cancel(self) -> None:
        self.cancelled = True


class Built:
    """A build task that has run over a scripted dbt."""

    def __init__(
        self, bundle: Path, monkeypatch: pytest.MonkeyPatch, record: RunRecord, *events: RunEvent, cut: bool = False
    ) -> None:
        self.requests: list[RunRequest] = []
        self.run = ScriptedRun(record, events, cut)
        self.events = Events()
        self.task = Task()
        self.operator = cast(BuildOperator, product_dags(bundle)["shop"].get_task("build"))

        def create(_plan: Plan, request: RunRequest, ids: frozenset[str], **_more: object) -> ScriptedRun:
            self.requests.append(replace(request, ids=ids))
            return self.run

        plan = SimpleNamespace(ids=frozenset({"model.shop.a", "model.shop.b"}), checks={})
        monkeypatch.setattr(build_operator.Plan, "read", lambda _folder: plan)
        monkeypatch.setattr(dbt_operator, "observers_of", lambda _plan: [])
        monkeypatch.setattr(dbt_operator, "DbtRun", create)

    def execute(self, conf: dict[str, Any] | None = None) -> None:
        context = context_of(self.task, conf, outlet_events=defaultdict(lambda: self.events))
        self.operator.pre_execute(context)
        BuildOperator.execute(self.operator, context)


def test_build_leaves_the_record_and_an_event_of_each_asset_that_was_made(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = replace(GOOD, id="model.shop.b", rows=None)
    built = Built(bundle, monkeypatch, record_of(GOOD, good, CHECK))
    built.execute({"floe": {"protocol": 1, "key": "k"}})
    assert built.task.pushed["floe_record"]["outcome"] == "succeeded"
    assert [name for name, _ in built.events.added] == ["shop/a", "shop/b", "shop"]
    assert built.events.added[0][1] == {
        "node": "model.shop.a",
        "status": "succeeded",
        "key": "k",
        "rows": 3,
        "seconds": 0.5,
    }


def test_build_ends_well_although_a_node_failed_and_tells_of_the_good_one(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = Built(bundle, monkeypatch, record_of(GOOD, BAD, outcome="failed"))
    built.execute()
    assert [name for name, _ in built.events.added] == ["shop/a"]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (record_of(outcome="failed", error=RunError("DBT_PARSE_FAILED", "no project", "…")), "no project"),
        (record_of(GOOD, outcome="cancelled"), "dbt run cancelled"),
    ],
)
def test_build_fails_without_events_when_dbt_did_not_run_to_its_end(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, record: RunRecord, message: str
) -> None:
    built = Built(bundle, monkeypatch, record)
    with pytest.raises(AirflowFailException, match=message):
        built.execute()
    assert built.task.pushed["floe_record"]["outcome"] == record.outcome
    assert built.events.added == []


def test_a_run_that_airflow_cuts_off_has_timed_out(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = Built(bundle, monkeypatch, record_of(GOOD, outcome="cancelled"), cut=True)
    built.execute({"floe": {"protocol": 1, "key": "k", "timeout": 5}})
    assert built.operator.execution_timeout is not None
    assert built.operator.execution_timeout.total_seconds() == 65
    assert built.task.pushed["floe_record"]["outcome"] == "timed_out"


def test_the_end_that_airflow_wants_is_handed_on(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = Built(bundle, monkeypatch, record_of(GOOD))
    built.operator.on_kill()
    built.execute()
    assert not built.run.cancelled
    built.operator.on_kill()
    assert built.run.cancelled


class Log:
    """Keeps lines."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __getattr__(self, level: str) -> Any:
        return lambda text: self.lines.append((level, text))


def test_states_of_nodes_are_written_together_and_the_last_one_only() -> None:
    log = Log()
    report = RunReport(log)
    report.started("model.shop.a")
    report.started("model.shop.b")
    report.finished(GOOD)
    report.finished(BAD)
    report.line("warning", "mind the gap")
    report.flush()
    report.flush()
    (first, warning, rest) = log.lines
    assert warning == ("warning", "mind the gap")
    assert first == ("info", 'floe:nodes [{"id":"model.shop.a","status":"running"}]')
    states = json.loads(rest[1].removeprefix("floe:nodes "))
    assert [(state["id"], state["status"]) for state in states] == [
        ("model.shop.a", "succeeded"),
        ("model.shop.b", "failed"),
    ]
    assert "failures" not in states[1]


def test_everything_that_dbt_says_reaches_the_log(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = (NodeStarted("model.shop.a", None), NodeFinished(GOOD, 1), LogLine("error", "oh"))
    built = Built(bundle, monkeypatch, record_of(GOOD), *events)
    log = Log()
    monkeypatch.setattr(BuildOperator, "log", log)
    built.operator._follow(cast(Any, built.run), lambda _result: None)
    assert ("error", "oh") in log.lines


@pytest.mark.parametrize(
    ("record", "error", "message"),
    [
        (record_of(GOOD).to_dict(), AirflowSkipException, "Every planned node is done"),
        (record_of(GOOD, BAD, outcome="failed").to_dict(), AirflowFailException, "model.shop.b: no such column"),
        (record_of(GOOD, missing=("model.shop.b",)).to_dict(), AirflowFailException, "1 planned nodes did not run"),
        (None, AirflowFailException, "lost"),
    ],
)
def test_the_verdict_is_green_only_when_nothing_is_missing(
    bundle: Path, record: object, error: type[Exception], message: str
) -> None:
    verdict = cast(VerdictOperator, product_dags(bundle)["shop"].get_task("verdict"))
    with pytest.raises(error, match=message):
        VerdictOperator.execute(verdict, context_of(Task(pulled=record)))


def test_a_run_without_a_request_gets_its_key_from_its_id() -> None:
    assert request_of(context_of(Task(), run_id="floe__abc")).key == "abc"
    assert key_of_run("manual__2026-11-25T13:00:00+00:00") == "manual__2026-11-25T13-00-00-00-00"
    assert len(key_of_run("x" * 200)) == 128


def test_a_request_that_is_none_is_refused_in_a_sentence() -> None:
    with pytest.raises(AirflowFailException, match=r"conf\.floe.*protocol 9"):
        request_of(context_of(Task(), {"floe": {"protocol": 9}}))


def test_the_nodes_of_a_run_are_the_request_s_else_the_job_s_else_all(bundle: Path) -> None:
    data: DefinitionsData = read_definitions_data(bundle)
    plan = cast(
        Plan,
        SimpleNamespace(
            ids=frozenset({"model.shop.a", "model.shop.b", "test.shop.of_a", "test.shop.of_b"}),
            checks={"test.shop.of_a": None, "test.shop.of_b": None},
        ),
    )
    part = frozenset({"model.shop.b", "test.shop.of_b"})
    assert ids_of(RunRequest("k"), {}, data, plan) == plan.ids
    assert ids_of(RunRequest("k"), {"floe_job": "part"}, data, plan) == part
    assert ids_of(RunRequest("k", checks=False), {"floe_job": "part"}, data, plan) == {"model.shop.b"}
    assert ids_of(RunRequest("k", ids=frozenset({"model.shop.a"})), {"floe_job": "part"}, data, plan) == {
        "model.shop.a"
    }
    with pytest.raises(AirflowFailException, match="no job 'none'; it has shop, part"):
        ids_of(RunRequest("k"), {"floe_job": "none"}, data, plan)


def fire(bundle: Path, dag_id: str, task: Task, events: dict[str, list[Any]] | None = None) -> DagRunTriggerException:
    operator = cast(FireOperator, product_dags(bundle)[dag_id].get_task("fire"))
    with pytest.raises(DagRunTriggerException) as raised:
        FireOperator.execute(operator, context_of(task, triggering_asset_events=events or {}))
    return raised.value


def test_a_schedule_starts_the_product_once_for_each_slot(bundle: Path) -> None:
    fired = fire(bundle, "shop.schedule.off", Task())
    assert fired.trigger_dag_id == "shop"
    assert fired.dag_run_id == "floe__schedule-off-20261125T060000Z"
    assert fired.logical_date is None
    assert fired.skip_when_already_exists
    assert not fired.wait_for_completion
    assert fired.conf == {
        "floe": {"protocol": 1, "key": "schedule-off-20261125T060000Z"},
        "floe_job": "part",
        "floe_trigger": {"kind": "schedule", "name": "off", "slot": "2026-11-25T06:00:00+00:00"},
    }


def test_a_sensor_waits_for_the_run_of_its_firing(bundle: Path) -> None:
    event = SimpleNamespace(extra={"from_trigger": True, "payload": {"firings": 7, "fingerprint": "abc"}})
    fired = fire(bundle, "shop.sensor.file", Task(), {"asset": [event]})
    assert fired.dag_run_id == "floe__sensor-file-7-abc"
    assert fired.wait_for_completion
    assert fired.deferrable
    assert fired.failed_states == []
    other = fire(bundle, "shop.sensor.product", Task(), {"asset": [SimpleNamespace(extra={})]})
    assert other.dag_run_id == "floe__sensor-product-20261125T060000000000Z"


def test_a_name_with_other_letters_still_gives_a_key(bundle: Path) -> None:
    operator = cast(FireOperator, product_dags(bundle)["shop.schedule.off"].get_task("fire"))
    operator._name = "täglich um 6"
    with pytest.raises(DagRunTriggerException) as raised:
        FireOperator.execute(operator, context_of(Task(), triggering_asset_events={}))
    assert raised.value.dag_run_id.startswith("floe__schedule-t-glich-um-6-")


def test_a_busy_product_is_left_alone_when_that_is_its_rule(bundle: Path, data: dict[str, Any]) -> None:
    assert fire(bundle, "shop.schedule.on", Task(running=1)).trigger_dag_id == "shop"
    (bundle / "airflow.json").write_text(json.dumps({**data, "on_busy": "skip"}))
    operator = cast(FireOperator, product_dags(bundle)["shop.schedule.on"].get_task("fire"))
    with pytest.raises(AirflowSkipException, match="under way"):
        FireOperator.execute(operator, context_of(Task(running=1)))
