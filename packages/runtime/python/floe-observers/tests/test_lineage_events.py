"""What is known to go wrong in lineage of dbt, each with the right answer, and the laws that hold for every run."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from floe_runtime.node_status import NODE_STATUSES, STATUS_BY_DBT_STATUS, NodeStatus, is_finished
from floe_runtime.plan import Plan
from floe_runtime.run_events import AttemptStarted, NodeFinished, NodeStarted, RunEvent
from floe_runtime.run_record import NodeResult, RunError, RunOutcome
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lineage_runs import Event, lineage_of
from shop import (
    FIRST_TRY,
    GOOD,
    HISTORY,
    NOT_NULL,
    ORDERS,
    RAW,
    RELATIONSHIP,
    SECOND_TRY,
    STAGING,
    UNIT,
    attempt_events,
    observed,
    record_of,
    result,
    write_plan,
)

NAMESPACE = "duckdb://local/dev/shop"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return write_plan(tmp_path)


def one_run(plan: Plan, results: Sequence[NodeResult], outcome: RunOutcome = "succeeded") -> list[Event]:
    return lineage_of(observed(plan), attempt_events(1, results), record_of(outcome, [results]))


def ends(events: list[Event], job: str) -> list[Event]:
    return [event for event in events if event["job"]["name"] == job and event["eventType"] != "START"]


def end(events: list[Event], job: str) -> Event:
    [only] = ends(events, job)
    return only


def names(datasets: list[dict[str, Any]]) -> list[str]:
    return [dataset["name"] for dataset in datasets]


# -- the known defects


def test_edges_from_seeds_are_there_and_a_source_that_a_seed_fills_is_one_dataset(plan: Plan) -> None:
    events = one_run(plan, GOOD)
    assert names(end(events, STAGING)["inputs"]) == ["db.raw.raw_orders"]
    assert names(end(events, ORDERS)["inputs"]) == ["db.main.stg_orders"]
    assert names(end(events, HISTORY)["inputs"]) == ["db.main.orders"]


def test_seeds_of_a_build_are_jobs(plan: Plan) -> None:
    assert names(end(one_run(plan, GOOD), RAW)["outputs"]) == ["db.raw.raw_orders"]


@pytest.mark.parametrize(
    ("dbt_status", "status", "event_type"),
    [
        ("no-op", "succeeded", "COMPLETE"),
        ("reused", "succeeded", "COMPLETE"),
        ("partial success", "failed", "FAIL"),
        ("runtime error", "failed", "FAIL"),
        ("warn", "warned", "COMPLETE"),
        ("skipped", "skipped", "ABORT"),
        ("a word of tomorrow", "unknown", "FAIL"),
    ],
)
def test_every_status_is_told(plan: Plan, dbt_status: str, status: NodeStatus, event_type: str) -> None:
    events = one_run(plan, [result(ORDERS, status, dbt_status, 10)], "failed")
    assert end(events, ORDERS)["eventType"] == event_type


def test_skipped_tests_are_no_failures(plan: Plan) -> None:
    skipped = end(one_run(plan, FIRST_TRY, "failed"), NOT_NULL)
    assert skipped["eventType"] == "ABORT"
    assert skipped["run"]["facets"]["floe"]["reason"] == "NODE_SKIPPED"
    assert "errorMessage" not in skipped["run"]["facets"]
    assert skipped["run"]["facets"]["test"]["tests"][0]["status"] == "skip"
    assert all("dataQualityAssertions" not in data["inputFacets"] for data in skipped["inputs"])


def test_a_failure_has_its_code_and_keeps_its_output(plan: Plan) -> None:
    failed = end(one_run(plan, FIRST_TRY, "failed"), STAGING)
    assert failed["run"]["facets"]["errorMessage"]["message"] == "NODE_FAILED: dbt could not run the node"
    assert names(failed["outputs"]) == ["db.main.stg_orders"]


def test_times_are_those_of_the_work_and_the_parent_covers_its_children(plan: Plan) -> None:
    events = one_run(plan, GOOD)
    assert end(events, NOT_NULL)["eventTime"] == "2026-01-02T03:04:19.000000Z"
    assert events[0]["job"]["name"] == events[-1]["job"]["name"] == "shop"
    times = [event["eventTime"] for event in events]
    assert times[0] == min(times)
    assert times[-1] == max(times)


def test_a_job_has_one_name_whatever_the_command(plan: Plan) -> None:
    whole = {event["job"]["name"] for event in one_run(plan, GOOD)}
    part = {event["job"]["name"] for event in one_run(plan, [GOOD[3]])}
    assert part == {"shop", ORDERS}
    assert part < whole


def test_telling_the_same_run_twice_adds_nothing(plan: Plan) -> None:
    assert one_run(plan, GOOD) == one_run(plan, GOOD)
    other = lineage_of(observed(plan, "run-9"), attempt_events(1, GOOD), record_of("succeeded", [GOOD], key="run-9"))
    assert not {event["run"]["runId"] for event in other} & {event["run"]["runId"] for event in one_run(plan, GOOD)}


def test_work_that_is_done_again_under_its_key_is_another_run(plan: Plan) -> None:
    events, record = attempt_events(1, GOOD), record_of("succeeded", [GOOD])
    first, again = (lineage_of(observed(plan, again=again), events, record) for again in (None, "2"))
    ids = [{event["run"]["runId"] for event in told} for told in (first, again)]
    assert len(ids[0]) == len(ids[1])
    assert not ids[0] & ids[1]


def test_no_rows_are_rows(plan: Plan) -> None:
    events = one_run(plan, GOOD)
    assert end(events, ORDERS)["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 0
    assert end(events, STAGING)["outputs"][0]["outputFacets"] == {}


def test_a_project_that_does_not_parse_is_told(plan: Plan) -> None:
    error = RunError("DBT_PARSE_FAILED", "secret text", "Mend it.")
    start, fail = lineage_of(observed(plan), [], record_of("failed", [], missing=(ORDERS,), error=error))
    assert [start["eventType"], fail["eventType"]] == ["START", "FAIL"]
    assert fail["run"]["facets"]["errorMessage"]["message"] == "DBT_PARSE_FAILED: the run failed"
    assert fail["run"]["facets"]["floe"]["missing"] == 1


def test_two_events_for_each_node_and_none_for_its_statements(plan: Plan) -> None:
    assert len(one_run(plan, GOOD)) == 2 + 2 * len(GOOD)


def test_verdicts_of_tests_stand_in_the_facets_of_inputs(plan: Plan) -> None:
    events = one_run(plan, GOOD)
    tested = end(events, RELATIONSHIP)["inputs"]
    assert names(tested) == ["db.main.orders", "db.main.stg_orders"]
    [assertion] = tested[0]["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert assertion == {
        "assertion": "relationships_orders_customer_id",
        "name": "relationships_orders_customer_id",
        "column": "customer_id",
        "severity": "error",
        "success": False,
        "actual": "2",
    }
    assert tested[1]["inputFacets"] == {}
    assert all("dataQualityAssertions" not in data["facets"] for event in events for data in event["inputs"])


def test_tests_have_no_output_and_unit_tests_read_no_data(plan: Plan) -> None:
    events = one_run(plan, GOOD)
    for test in (NOT_NULL, RELATIONSHIP, UNIT):
        assert end(events, test)["outputs"] == []
    assert end(events, UNIT)["inputs"] == []


def test_an_abort_has_a_zone_in_its_time(plan: Plan) -> None:
    naive = NodeResult(
        id=ORDERS, status="cancelled", started_at="2026-01-02T03:04:10", finished_at="2026-01-02 03:04:11"
    )
    events = one_run(plan, [naive], "cancelled")
    assert end(events, ORDERS)["eventTime"] == "2026-01-02T03:04:11.000000Z"


# -- further rules


def test_schema_parent_and_nominal_time(plan: Plan) -> None:
    run = observed(plan, nominal_time="2026-01-02T03:00:00+00:00")
    events = lineage_of(run, attempt_events(1, GOOD), record_of("succeeded", [GOOD]))
    orders = end(events, ORDERS)
    assert [field["name"] for field in orders["outputs"][0]["facets"]["schema"]["fields"]] == ["id", "amount"]
    assert orders["outputs"][0]["namespace"] == NAMESPACE
    assert orders["run"]["facets"]["parent"]["run"]["runId"] == events[0]["run"]["runId"]
    assert orders["run"]["facets"]["parent"]["job"]["name"] == "shop"
    assert all(
        event["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2026-01-02T03:00:00+00:00" for event in events
    )
    assert orders["run"]["facets"]["processing_engine"]["name"] == "dagster"


def test_each_attempt_is_a_run_of_its_own(plan: Plan) -> None:
    events = lineage_of(
        observed(plan),
        [*attempt_events(1, FIRST_TRY), *attempt_events(2, SECOND_TRY)],
        record_of("failed", [FIRST_TRY, SECOND_TRY]),
    )
    assert [event["eventType"] for event in ends(events, STAGING)] == ["FAIL", "COMPLETE"]
    assert len({event["run"]["runId"] for event in ends(events, STAGING)}) == 2
    failed_test = ends(events, NOT_NULL)[1]
    assert failed_test["run"]["facets"]["errorMessage"]["message"] == "TEST_FAILED: the test found faults in 3 rows"


def test_messages_only_for_who_asks(tmp_path: Path) -> None:
    assert "canary" not in str(one_run(write_plan(tmp_path), FIRST_TRY, "failed"))
    assert "canary-sql-9c1d" in str(one_run(write_plan(tmp_path, include_messages=True), FIRST_TRY, "failed"))


def test_a_node_that_nobody_ended_is_ended(plan: Plan) -> None:
    events = lineage_of(
        observed(plan),
        [AttemptStarted(1, 0.0, plan.ids), NodeStarted(ORDERS, None), NodeStarted(ORDERS, None)],
        record_of("timed_out", []),
    )
    assert end(events, ORDERS)["eventType"] == "ABORT"
    assert end(events, "shop")["eventType"] == "ABORT"
    assert end(events, "shop")["run"]["facets"]["errorMessage"]["message"].startswith("RUN_TIMED_OUT")


NODES = st.sampled_from([RAW, STAGING, ORDERS, HISTORY, NOT_NULL, RELATIONSHIP, UNIT, "model.other.stranger"])
TIMES = st.sampled_from(
    [None, "", "nonsense", "2026-01-02T03:04:06", "2026-01-02T05:04:10+02:00", "2030-01-01T00:00:00Z"]
)
RESULTS = st.builds(
    NodeResult,
    id=NODES,
    status=st.sampled_from([status for status in NODE_STATUSES if is_finished(status)]),
    dbt_status=st.sampled_from([None, "", *STATUS_BY_DBT_STATUS, "tomorrow"]),
    started_at=TIMES,
    finished_at=TIMES,
    rows=st.sampled_from([None, -1, 0, 5]),
    failures=st.sampled_from([None, 0, 3]),
    message=st.just("canary-property"),
)
EVENTS = st.lists(
    st.one_of(
        st.builds(AttemptStarted, n=st.integers(1, 3), delay=st.just(0.0), ids=st.just(frozenset[str]())),
        st.builds(NodeStarted, id=NODES, at=TIMES),
        st.builds(NodeFinished, result=RESULTS, attempt=st.integers(1, 3)),
    ),
    max_size=25,
)


@given(EVENTS, st.sampled_from(["succeeded", "failed", "timed_out", "cancelled"]))
@settings(deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_each_run_begins_once_and_ends_once(events: list[RunEvent], outcome: RunOutcome) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sent = lineage_of(observed(write_plan(Path(folder))), events, record_of(outcome, []))
    by_run: dict[str, list[Event]] = defaultdict(list)
    for event in sent:
        by_run[event["run"]["runId"]].append(event)
    for own in by_run.values():
        assert [event["eventType"] == "START" for event in own] == [True, False]
        assert own[0]["eventTime"] <= own[1]["eventTime"]
    root = sent[0]["run"]["runId"]
    for event in sent:
        facets = event["run"]["facets"]
        assert datetime.fromisoformat(event["eventTime"].replace("Z", "+00:00")).tzinfo is not None
        assert event["eventTime"] <= sent[-1]["eventTime"]
        assert "errorMessage" in facets or event["eventType"] != "FAIL"
        assert event["run"]["runId"] == root or facets["parent"]["run"]["runId"] == root
        assert not set(names(event["inputs"])) & set(names(event["outputs"]))
    assert "canary" not in str(sent)
