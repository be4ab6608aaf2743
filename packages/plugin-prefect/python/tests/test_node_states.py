"""Nodes as task runs: ids, edges, times and names."""

from __future__ import annotations

import uuid
from typing import Any

from conftest import definitions
from floe_runtime.node_status import NODE_STATUSES
from floe_runtime.run_record import NodeResult

from floe_prefect.node_states import PREFECT_STATES, NodeStates

RUN = "82cfcbf5-5229-478d-9879-ab6aa8a62756"
ALL = frozenset(node["id"] for node in definitions()["nodes"])
START, END = "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:01.500000+00:00"


def states(ids: frozenset[str] = ALL, run_count: int = 1) -> NodeStates:
    return NodeStates(RUN, definitions()["nodes"], ids, run_count)


def done(node_id: str, status: Any = "succeeded", **fields: Any) -> NodeResult:
    return NodeResult(node_id, status, started_at=START, finished_at=END, **fields)


def task_run(event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = event["payload"]["task_run"]
    return found


def test_every_status_has_a_state_of_its_own() -> None:
    assert set(PREFECT_STATES) == set(NODE_STATUSES)
    assert len(set(PREFECT_STATES.values())) == len(NODE_STATUSES)
    green = {status for status, (kind, _) in PREFECT_STATES.items() if kind == "COMPLETED"}
    assert green == {"succeeded", "warned"}


def test_a_node_has_true_times_and_what_dbt_said() -> None:
    event = states().finished(done("model.shop.a", "failed", dbt_status="error", failures=3, message="no"), 1)
    assert event["event"] == "prefect.task-run.Failed"
    assert event["payload"]["validated_state"]["message"] == "no"
    run = task_run(event)
    assert (run["start_time"], run["end_time"], run["total_run_time"]) == (START, END, 1.5)
    assert run["labels"] == {"floe.attempt": 1, "floe.dbt-status": "error", "floe.failures": 3}
    assert run["task_key"] == "model.shop.a"
    assert run["tags"] == ["floe", "model"]


def test_edges_are_those_of_dbt_within_the_run() -> None:
    everything = states()
    waits = task_run(everything.finished(done("test.shop.t"), 1))["task_inputs"]["wait_for"]
    assert [wait["id"] for wait in waits] == [everything.task_run_id(name) for name in ("model.shop.a", "model.shop.b")]
    part = states(frozenset({"model.shop.b", "test.shop.t"}))
    waits = task_run(part.finished(done("test.shop.t"), 1))["task_inputs"]["wait_for"]
    assert [wait["id"] for wait in waits] == [part.task_run_id("model.shop.b")]


def test_sending_twice_changes_nothing() -> None:
    one, other = states().finished(done("model.shop.a"), 1), states().finished(done("model.shop.a"), 1)
    assert one == other
    uuid.UUID(one["id"])
    again = states(run_count=2).finished(done("model.shop.a"), 1)
    assert again["id"] != one["id"]
    assert again["resource"]["prefect.resource.id"] == one["resource"]["prefect.resource.id"]


def test_a_further_attempt_is_a_further_run_of_the_same_task_run() -> None:
    nodes = states()
    events = [
        nodes.started("model.shop.a", START),
        nodes.finished(done("model.shop.a", "failed"), 1),
        nodes.started("model.shop.a", START),
        nodes.finished(done("model.shop.a"), 2),
    ]
    assert len({event["id"] for event in events}) == 4
    assert len({event["resource"]["prefect.resource.id"] for event in events}) == 1
    assert [task_run(event)["run_count"] for event in events] == [1, 1, 2, 2]
    assert task_run(events[2])["end_time"] is None
    # The server keeps the state with the latest time.
    times = [event["occurred"] for event in events]
    assert times == sorted(times)
    assert len(set(times)) == 4


def test_only_work_that_is_done_is_a_materialization() -> None:
    related = [{"prefect.resource.id": f"prefect.flow-run.{RUN}", "prefect.resource.role": "flow-run"}]
    nodes = states()
    event = nodes.materialized(done("model.shop.a", rows=7), 1, related)
    assert event is not None
    assert event["event"] == "prefect.asset.materialization.succeeded"
    assert event["resource"]["prefect.resource.id"] == "floe://local/shop/a"
    assert event["payload"] == {"rows": 7}
    roles = {entry["prefect.resource.role"]: entry["prefect.resource.id"] for entry in event["related"]}
    assert roles["asset-upstream"] == "floe://local/shop/raw"
    assert roles["task-run"].endswith(nodes.task_run_id("model.shop.a"))
    for status in ("failed", "skipped", "cancelled", "unknown"):
        assert nodes.materialized(done("model.shop.a", status), 1, related) is None
    assert nodes.materialized(done("test.shop.t"), 1, related) is None


def test_times_that_dbt_does_not_give_are_now() -> None:
    event = states().finished(NodeResult("model.shop.a", "skipped"), 1)
    assert task_run(event)["total_run_time"] == 0
    assert event["occurred"] > "2026"
