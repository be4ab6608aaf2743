from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException
from airflow.sdk import Context
from airflow.serialization.serialized_objects import DagSerialization
from conftest import with_nodes, write_bundle
from floe_runtime import airflow_nodes
from floe_runtime.airflow_nodes import Ending, RunFollower
from floe_runtime.plan import Plan
from floe_runtime.run_record import Attempt, NodeResult, RunRecord
from floe_runtime.run_status import StatusReader, StatusWriter, status_folder

from floe_airflow import verdict_operator
from floe_airflow.definitions_data import DefinitionsData
from floe_airflow.node_states import NodeStates
from floe_airflow.node_tasks import NodeTasks
from floe_airflow.product_dags import product_dags
from floe_airflow.verdict_operator import VerdictOperator

A, B, OF_A, OF_B = "model.shop.a", "model.shop.b", "test.shop.of_a", "test.shop.of_b"
ALL = frozenset({A, B, OF_A, OF_B})


@pytest.fixture
def nodes(data: dict[str, Any]) -> DefinitionsData:
    """The product with a task for each asset; the test of b belongs to no task."""
    return cast(DefinitionsData, with_nodes(data))


def result(unique_id: str, status: str = "succeeded") -> NodeResult:
    return NodeResult(unique_id, cast(Any, status))


def record_of(*results: NodeResult, **fields: Any) -> RunRecord:
    return RunRecord("k", None, len(results), fields.pop("outcome", "succeeded"), attempts=(Attempt(1, 0, results),))


def test_each_asset_has_a_task_that_starts_in_the_triggerer(tmp_path: Path, nodes: DefinitionsData) -> None:
    dag = product_dags(write_bundle(tmp_path, cast(Any, nodes)))["shop"]
    assert dag.task_ids == ["build", A, B, "verdict"]
    assert dag.get_task(A).upstream_task_ids == {"build"}
    assert dag.get_task(B).upstream_task_ids == {A}
    assert dag.get_task("verdict").upstream_task_ids == {"build", A, B}
    assert [asset.name for asset in dag.get_task(B).inlets] == ["shop/a"]
    assert [asset.name for asset in dag.get_task(B).outlets] == ["shop/b"]
    assert [asset.name for asset in dag.get_task("verdict").outlets] == ["shop"]
    assert dag.max_active_tasks == 1
    fields = {task["__var"]["task_id"]: task["__var"] for task in DagSerialization.to_dict(dag)["dag"]["tasks"]}
    assert fields[A]["start_from_trigger"] is True
    assert fields[A]["start_trigger_args"]["trigger_cls"] == "floe_runtime.airflow_nodes.NodeTrigger"
    assert dag.get_task(A).priority_weight > dag.get_task(B).priority_weight


def test_edges_are_those_of_airflow_s_own_methods(tmp_path: Path, nodes: DefinitionsData) -> None:
    dag = product_dags(write_bundle(tmp_path, cast(Any, nodes)))["shop"]
    plain = DagSerialization.to_dict(dag)
    edges = [(task.task_id, downstream) for task in dag.tasks for downstream in sorted(task.downstream_task_ids)]
    for task in dag.tasks:
        task.upstream_task_ids.clear()
        task.downstream_task_ids.clear()
    for upstream, downstream in edges:
        dag.get_task(upstream).set_downstream(dag.get_task(downstream))
    assert DagSerialization.to_dict(dag) == plain


def told(nodes: DefinitionsData, ids: frozenset[str], *, may_retry: bool = False) -> tuple[NodeStates, list[Any]]:
    lines: list[Any] = []
    return NodeStates(NodeTasks(nodes), ids, lines.append, may_retry=may_retry), lines


def test_a_task_ends_with_the_last_of_its_nodes(nodes: DefinitionsData) -> None:
    states, lines = told(nodes, ALL)
    states.finished(result(A))
    assert lines == [{"begin": True}]
    states.finished(result(OF_A, "warned"))
    assert lines[-1] == {"task": A, "state": "success"}
    states.finished(result(B))
    states.finished(result(OF_B, "failed"))
    assert lines[-1] == {"task": B, "state": "success"}
    states.close(record_of(result(A)))
    assert lines[-1] == {"end": True}
    assert len(lines) == 4


def test_what_fails_is_told_when_no_attempt_may_follow(nodes: DefinitionsData) -> None:
    results = (result(A), result(OF_A, "failed"), result(B, "skipped"))
    states, lines = told(nodes, ALL)
    for each in results:
        states.finished(each)
    assert lines[1:] == [{"task": A, "state": "failed"}, {"task": B, "state": "skipped"}]
    states, lines = told(nodes, ALL, may_retry=True)
    for each in results:
        states.finished(each)
    assert lines == [{"begin": True}]
    states.finished(result(OF_A))
    assert lines[-1] == {"task": A, "state": "success"}
    states.close(record_of(*results, outcome="failed"))
    assert lines[-2:] == [{"task": B, "state": "skipped"}, {"end": True}]


def test_what_is_not_wanted_is_skipped_and_what_is_missing_has_failed(nodes: DefinitionsData) -> None:
    states, lines = told(nodes, frozenset({A}))
    assert lines == [{"begin": True}, {"task": B, "state": "skipped"}]
    states.close(RunRecord("k", None, 1, "failed"))
    assert {"task": A, "state": "failed"} in lines


class Task:
    """A task instance that knows the states of others."""

    def __init__(self, states: Mapping[str, str | None], try_number: int = 1, record: object = None) -> None:
        self.try_number = try_number
        self._states = states
        self._record = record

    def get_task_states(self, dag_id: str, task_ids: list[str], run_ids: list[str]) -> dict[str, Any]:
        return {run_ids[0]: {task: self._states.get(task) for task in task_ids}}

    def xcom_pull(self, task_ids: str, key: str) -> object:
        return self._record


def context_of(task: Task, conf: dict[str, Any] | None = None) -> Context:
    run = SimpleNamespace(dag_id="shop", run_id="floe__k", conf=conf or {})
    return cast(Context, {"ti": task, "dag_run": run})


def test_a_cleared_build_does_what_is_left(nodes: DefinitionsData) -> None:
    tasks = NodeTasks(nodes)
    assert tasks.left_of(ALL, context_of(Task({A: "success"}))) == ALL
    again = context_of(Task({A: "success", B: None}, try_number=2))
    assert tasks.left_of(ALL, again) == {B, OF_B}
    assert tasks.left_of(ALL, context_of(Task({A: "success", B: "success"}, try_number=2))) == ALL


@pytest.mark.parametrize(
    ("record", "states", "error", "message"),
    [
        (record_of(result(A), result(OF_A), result(B), result(OF_B)), {A: "success", B: "success"}, None, ""),
        (record_of(result(A), result(OF_B)), {A: "success", B: "success"}, None, "built before"),
        (record_of(result(B), result(OF_B)), {A: "success", B: "skipped"}, None, "built since"),
        (record_of(result(OF_B), outcome="failed"), {A: "success", B: "success"}, None, "cleared alone since"),
        (record_of(result(A), result(OF_B)), {A: "success", B: "failed"}, "node tasks: model.shop.b", ""),
        (record_of(result(A), result(B)), {A: "success", B: "success"}, "tests: test.shop.of_b", ""),
        (record_of(result(OF_B)), {A: "success"}, "node tasks: model.shop.b", ""),
    ],
)
def test_the_verdict_counts_the_tasks(
    tmp_path: Path,
    nodes: DefinitionsData,
    monkeypatch: pytest.MonkeyPatch,
    record: RunRecord,
    states: dict[str, str | None],
    error: str | None,
    message: str,
) -> None:
    plan = cast(Plan, SimpleNamespace(ids=ALL, checks={}))
    monkeypatch.setattr(verdict_operator.Plan, "read", lambda _folder: plan)
    dag = product_dags(write_bundle(tmp_path, cast(Any, nodes)))["shop"]
    verdict = cast(VerdictOperator, dag.get_task("verdict"))
    raised = AirflowSkipException if error is None else AirflowFailException
    with pytest.raises(raised, match=error):
        VerdictOperator.execute(verdict, context_of(Task(states, record=record.to_dict())))


def folder_of(tmp_path: Path) -> str:
    return status_folder(f"file://{tmp_path}", "shop", "manual__2026-11-25T13:00:00+00:00", "1")


@pytest.mark.parametrize("place", ["file", "memory"])
def test_status_is_read_as_it_was_written(tmp_path: Path, place: str) -> None:
    folder = folder_of(tmp_path) if place == "file" else f"memory://{tmp_path.name}/run"
    reader = StatusReader(folder)
    assert reader.read() == []
    warnings: list[str] = []
    for number in range(2):
        writer = StatusWriter(folder, warnings.append)
        writer.put({"task": f"t{number}"})
        writer.put({"end": True})
        writer.close()
    assert reader.read() == [{"task": "t0"}, {"end": True}, {"task": "t1"}, {"end": True}]
    assert reader.read() == []
    assert warnings == []


def test_half_an_object_waits_for_the_other_half(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    reader = StatusReader(f"file://{folder}")
    (folder / "000000.jsonl").write_text('{"task":"a"}\n{"ta')
    assert reader.read() == []
    (folder / "000000.jsonl").write_text('{"task":"a"}\n{"task":"b"}\n')
    assert len(reader.read()) == 2


def test_a_place_that_cannot_be_written_to_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    warnings: list[str] = []
    writer = StatusWriter(f"file://{tmp_path}/file/run", warnings.append)
    writer.put({"begin": True})
    writer.close()
    assert len(warnings) == 1
    assert "cannot be written" in warnings[0]


class Lines:
    """What a build says, one list for each look."""

    def __init__(self, *batches: list[dict[str, Any]]) -> None:
        self._batches = list(batches)

    def read(self) -> list[dict[str, Any]]:
        return self._batches.pop(0) if self._batches else []


def follow(lines: Lines, states: Sequence[str | None], *tasks: str) -> list[Ending]:
    """How tasks end when the build is in these states, one after another."""
    remaining = list(states)

    async def ask(_tasks: Sequence[str]) -> Mapping[str, str | None]:
        return {"build": remaining.pop(0) if len(remaining) > 1 else remaining[0]}

    async def run() -> list[Ending]:
        forgotten: list[bool] = []
        follower = RunFollower(cast(StatusReader, lines), "build", ask, lambda: forgotten.append(True))
        endings = await asyncio.wait_for(asyncio.gather(*(follower.ending_of(task) for task in tasks)), 5)
        await asyncio.sleep(0.05)
        assert forgotten == [True]
        return list(endings)

    return asyncio.run(run())


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time runs faster."""
    monkeypatch.setattr(airflow_nodes, "_POLL_SECONDS", 0.005)
    monkeypatch.setattr(airflow_nodes, "_ASK_SECONDS", 0.01)
    monkeypatch.setattr(airflow_nodes, "SILENCE_SECONDS", 0.1)


@pytest.mark.usefixtures("hurry")
def test_tasks_end_as_the_build_says() -> None:
    lines = Lines(
        [{"begin": True}],
        [],
        [{"task": "a", "state": "success"}, {"beat": True}],
        [{"task": "b", "state": "skipped"}, {"task": "c", "state": "failed"}, {"end": True}],
    )
    assert follow(lines, ["running"], "a", "b", "c", "d") == ["success", "skipped", "failed", "lost"]


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("lines", "states", "ending"),
    [
        (Lines(), [None, "queued", "failed"], "lost"),
        (Lines(), ["success"], "alone"),
        (Lines([{"begin": True}]), ["running", "failed"], "lost"),
        (Lines([{"begin": True}]), ["success"], "lost"),
        (Lines([{"begin": True}]), ["running"], "lost"),
        (Lines([{"begin": True}], *([[]] * 8), [{"task": "a", "state": "success"}]), ["running"], "success"),
        (
            Lines([{"begin": True}, {"end": True}, {"begin": True}], [{"task": "a", "state": "failed"}]),
            [None],
            "failed",
        ),
    ],
)
def test_a_build_that_is_silent_never_leaves_tasks_waiting(
    lines: Lines, states: list[str | None], ending: Ending
) -> None:
    assert follow(lines, states, "a") == [ending]


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([{"a": "success", "b": "success"}], True),
        ([{"a": "success", "b": "running"}, {"b": "success"}], True),
        ([{"a": "success", "b": "deferred"}, {"b": "failed"}], False),
        ([{"a": "skipped", "b": None}], False),
    ],
)
def test_a_node_alone_waits_for_what_it_reads(states: list[dict[str, str | None]], expected: bool) -> None:
    async def ask(_tasks: Sequence[str]) -> Mapping[str, str | None]:
        return states.pop(0)

    assert asyncio.run(airflow_nodes._all_successful(ask, ["a", "b"])) is expected
