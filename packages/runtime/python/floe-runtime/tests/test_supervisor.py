"""The rules of a run, with a script in place of dbt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from floe_runtime.engine_messages import EngineItem, Exited, Finished, Hook, InvocationDone, Log, Started
from floe_runtime.node_status import is_successful
from floe_runtime.phases import Phase
from floe_runtime.plan import DbtCall, ExecutionSettings, Plan, PlannedCheck, PlannedNode
from floe_runtime.protocol import ChildFailure, Hello, NotUnderstood, Ready, Refused
from floe_runtime.retry import RetryPolicy
from floe_runtime.run_events import AttemptStarted, NodeFinished, NodeStarted
from floe_runtime.run_record import last_results
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import ScriptedEngine, supervise

NOWHERE = Path("/nowhere")
LOST = "server closed the connection unexpectedly"
READY = (Hello("1.11"), Ready(()))


def chain(retries: int = 0, **execution: Any) -> Plan:
    """a → b → c with a test on a."""
    nodes = [PlannedNode("a", "model", "a", "table", None, ())]
    nodes += [
        PlannedNode("b", "model", "b", "table", None, ("a",)),
        PlannedNode("c", "model", "c", "table", None, ("b",)),
    ]
    settings = ExecutionSettings(timeout=100, retries=RetryPolicy(max=retries, initial_delay=5, jitter=0))
    return Plan(
        bundle_dir=NOWHERE,
        bundle_hash="sha256:1",
        product="shop",
        environment="dev",
        dbt=DbtCall("shop", "shop", "dev", "duckdb", {}, NOWHERE, NOWHERE),
        nodes={node.id: node for node in nodes},
        checks={"t": PlannedCheck("t", "t", "generic", "a", (), "error")},
        seeds_first=(),
        execution=replace(settings, **execution),
    )


def end(node: str, status: str = "success", message: str | None = None) -> list[EngineItem]:
    return [Started(node), Finished(node, status, seconds=1.0, message=message)]


def good(phase: Phase) -> list[EngineItem]:
    return [*(item for node in sorted(phase.ids) for item in end(node)), InvocationDone(True)]


def test_everything_done_is_green() -> None:
    record, events, _ = supervise(chain(), ScriptedEngine(READY, lambda _n, phase: good(phase)))
    assert record.outcome == "succeeded"
    assert record.counts == {"succeeded": 4}
    assert [type(event) for event in events if isinstance(event, (NodeStarted, NodeFinished))] == [
        NodeStarted,
        NodeFinished,
    ] * 4


def test_a_planned_node_without_a_result_is_never_green() -> None:
    engine = ScriptedEngine(READY, lambda _n, _phase: [*end("a"), *end("b"), *end("t"), InvocationDone(True)])
    record, _, _ = supervise(chain(), engine)
    assert record.outcome == "failed"
    assert record.missing == ("c",)
    assert record.error is not None
    assert record.error.code == "RUN_INCOMPLETE"


def test_an_unknown_status_is_never_green() -> None:
    engine = ScriptedEngine(READY, lambda _n, phase: [*end("a", "glorious"), *good(Phase("build", phase.ids - {"a"}))])
    record, _, _ = supervise(chain(), engine)
    assert record.outcome == "failed"
    assert record.counts["unknown"] == 1


def test_dbts_own_verdict_counts() -> None:
    engine = ScriptedEngine(READY, lambda _n, phase: [*good(phase)[:-1], InvocationDone(False)])
    record, _, _ = supervise(chain(), engine)
    assert record.outcome == "failed"
    assert record.error is not None


def test_a_failed_function_is_named() -> None:
    broken = Finished("function.shop.f", "error", message="no such type")
    engine = ScriptedEngine(READY, lambda _n, phase: [broken, *good(phase)[:-1], InvocationDone(False)])
    record, _, _ = supervise(chain(), engine)
    assert record.outcome == "failed"
    assert record.error is not None
    assert "function.shop.f: no such type" in record.error.message


def first_time_b_is_lost(n: int, phase: Phase) -> Iterable[EngineItem]:
    if n > 1:
        return good(phase)
    skipped: list[EngineItem] = [Started("c"), Finished("c", "skipped")]
    return [*end("a"), *end("t", "pass"), *end("b", "error", LOST), *skipped, InvocationDone(False)]


def test_a_retry_runs_only_what_failed_and_what_waited() -> None:
    engine = ScriptedEngine(READY, first_time_b_is_lost)
    record, events, clock = supervise(chain(retries=2), engine)
    assert [phase.ids for phase in engine.phases] == [{"a", "b", "c", "t"}, {"b", "c"}]
    assert record.outcome == "succeeded"
    assert [(attempt.n, attempt.delay, {node.id for node in attempt.nodes}) for attempt in record.attempts] == [
        (1, 0.0, {"a", "b", "c", "t"}),
        (2, 5.0, {"b", "c"}),
    ]
    assert clock.now == 5.0
    assert [event.n for event in events if isinstance(event, AttemptStarted)] == [1, 2]


def test_retries_of_the_request_win() -> None:
    record, _, _ = supervise(chain(retries=2), ScriptedEngine(READY, first_time_b_is_lost), retries=0)
    assert record.outcome == "failed"
    assert len(record.attempts) == 1


def test_no_attempt_whose_delay_would_pass_the_time_limit() -> None:
    record, _, clock = supervise(chain(retries=2, timeout=4), ScriptedEngine(READY, first_time_b_is_lost))
    assert record.outcome == "failed"
    assert clock.now < 4


def test_a_lock_at_the_start_is_retried_as_a_whole() -> None:
    lock = ChildFailure("dbt", "IO Error: Could not set lock on file")
    engine = ScriptedEngine(READY, lambda n, phase: [InvocationDone(False, failure=lock)] if n < 3 else good(phase))
    record, _, clock = supervise(chain(retries=2), engine)
    assert record.outcome == "succeeded"
    assert record.error is None
    assert clock.now == 15.0
    assert len(record.attempts) == 3


def test_a_failure_of_dbt_as_a_whole_is_the_error() -> None:
    broken = ChildFailure("dbt", "Compilation Error: no such macro")
    record, _, _ = supervise(
        chain(retries=2), ScriptedEngine(READY, lambda _n, _p: [InvocationDone(False, failure=broken)])
    )
    assert record.outcome == "failed"
    assert record.error is not None
    assert record.error.code == "RUN_FAILED"
    assert "no such macro" in record.error.message


def test_the_time_limit_ends_the_run() -> None:
    engine = ScriptedEngine(READY, lambda _n, _p: [*end("a"), Started("b")])
    record, events, clock = supervise(chain(), engine)
    assert record.outcome == "timed_out"
    assert clock.now == 100
    assert engine.calls[0] == "interrupt"
    results = last_results(record.attempts)
    assert results["a"].status == "succeeded"
    assert results["b"].status == "cancelled"
    assert record.missing == ("c", "t")
    assert any(isinstance(event, NodeFinished) and event.result.id == "b" for event in events)


def test_the_time_limit_counts_over_attempts_and_delays() -> None:
    engine = ScriptedEngine(READY, lambda n, phase: first_time_b_is_lost(n, phase) if n == 1 else [Started("b")])
    record, _, clock = supervise(chain(retries=1), engine)
    assert record.outcome == "timed_out"
    assert clock.now == 100


def test_the_ladder_goes_up_to_the_kill() -> None:
    engine = ScriptedEngine(READY, lambda _n, _p: [Started("a")], deaf=True)
    record, _, clock = supervise(chain(), engine)
    assert engine.calls == ["interrupt", "finish", "terminate", "kill"] or engine.calls == [
        "interrupt",
        "terminate",
        "kill",
        "finish",
    ]
    assert record.outcome == "timed_out"
    assert clock.now <= 100 + 10 + 5


def test_it_ends_even_if_the_process_cannot_be_killed() -> None:
    engine = ScriptedEngine(READY, lambda _n, _p: [Started("a")], deaf=True, immortal=True)
    record, _, clock = supervise(chain(), engine)
    assert record.outcome == "timed_out"
    assert clock.now <= 100 + 10 + 5


def test_a_cancel_before_the_start() -> None:
    engine = ScriptedEngine(READY, lambda _n, phase: good(phase))
    record, _, _ = supervise(chain(), engine, cancel_at_once=True)
    assert record.outcome == "cancelled"
    assert engine.phases == []


def test_a_child_that_dies_leaves_cancelled_nodes_and_is_named() -> None:
    engine = ScriptedEngine(READY, lambda _n, _p: [*end("a"), Started("b"), Exited(-9)])
    record, _, _ = supervise(chain(retries=3), engine)
    assert record.outcome == "failed"
    assert record.error is not None
    assert record.error.code == "RUN_LOST"
    assert "signal 9" in record.error.message
    results = last_results(record.attempts)
    assert (results["a"].status, results["b"].status) == ("succeeded", "cancelled")
    assert record.missing == ("c", "t")


def test_another_protocol_is_refused() -> None:
    engine = ScriptedEngine([Refused("the dbt side speaks protocol 2")], lambda _n, _p: [], deaf=True)
    record, _, _ = supervise(chain(), engine)
    assert record.error is not None
    assert record.error.code == "PLUGIN_INCOMPATIBLE"
    assert "kill" in engine.calls


def test_a_node_that_passes_its_limit_is_stopped_and_the_rest_goes_on() -> None:
    def stopped(node: str) -> list[EngineItem]:
        rest = [Started("c"), Finished("c", "skipped"), *end("t", "pass"), InvocationDone(False)]
        return [Finished(node, "error", message="INTERRUPT Error"), *rest]

    engine = ScriptedEngine(READY, lambda _n, _p: [*end("a"), Started("b")], on_cancel_node=stopped)
    record, _, clock = supervise(chain(node_timeout=4), engine)
    assert clock.now == 4
    assert engine.calls[0] == "cancel b"
    result = last_results(record.attempts)["b"]
    assert (result.status, result.message) == ("failed", "stopped by its time limit of 4 s")
    assert record.outcome == "failed"
    assert record.missing == ()


def test_a_node_that_does_not_stop_ends_the_run() -> None:
    engine = ScriptedEngine(READY, lambda _n, _p: [*end("a"), Started("b")])
    record, _, clock = supervise(chain(node_timeout=4), engine)
    assert record.outcome == "failed"
    assert record.error is not None
    assert "b did not stop" in record.error.message
    assert clock.now == 4 + 15


def test_without_single_cancels_the_rest_goes_on_in_another_invocation() -> None:
    side = PlannedNode("x", "model", "x", "table", None, ())
    plan = chain(node_timeout=4)
    plan = replace(plan, nodes={**plan.nodes, "x": side})

    def script(n: int, phase: Phase) -> list[EngineItem]:
        return [*end("a"), Started("b")] if n == 1 else good(phase)

    def interrupted() -> list[EngineItem]:
        cut = [Finished("b", "error", message="interrupted"), Finished("x", "error", message="interrupted")]
        return [Started("x"), *cut, InvocationDone(False, failure=ChildFailure("interrupted", "interrupted"))]

    engine = ScriptedEngine(READY, script, cancels_nodes=False, on_interrupt=interrupted)
    record, events, _ = supervise(plan, engine)
    statuses = {node: result.status for node, result in last_results(record.attempts).items()}
    assert statuses == {"a": "succeeded", "b": "failed", "c": "skipped", "t": "succeeded", "x": "succeeded"}
    assert engine.phases[1].ids == {"t", "x"}
    ends = [event.result.id for event in events if isinstance(event, NodeFinished)]
    assert sorted(ends) == ["a", "b", "c", "t", "x"]
    assert record.error is None


def test_what_lies_behind_a_failed_seed_of_a_source_is_skipped() -> None:
    seed = PlannedNode("s", "seed", "s", "seed", None, ())
    plan = chain()
    nodes = {**plan.nodes, "s": seed, "b": replace(plan.nodes["b"], upstream=("a", "s"))}
    plan = replace(plan, nodes=nodes, seeds_first=("s",))
    engine = ScriptedEngine(
        READY, lambda n, phase: [*end("s", "error", "no file"), InvocationDone(False)] if n == 1 else good(phase)
    )
    record, _, _ = supervise(plan, engine)
    assert [phase.ids for phase in engine.phases] == [{"s"}, {"a", "t"}]
    statuses = {node: result.status for node, result in last_results(record.attempts).items()}
    assert statuses == {"s": "failed", "a": "succeeded", "t": "succeeded", "b": "skipped", "c": "skipped"}


def test_a_failed_hook_is_the_error() -> None:
    hook = Hook("operation.x", "shop.on-run-end.0", "error", "no such table")
    engine = ScriptedEngine(
        READY, lambda _n, phase: [*good(phase)[:-1], replace(hook, message=None), InvocationDone(False, hooks=(hook,))]
    )
    record, _, _ = supervise(chain(), engine)
    assert [(result.name, result.message) for result in record.hooks] == [("shop.on-run-end.0", "no such table")]
    assert record.error is not None
    assert "no such table" in record.error.message


NODES = st.sampled_from(["a", "b", "c", "t", "other", ""])
WORDS = st.sampled_from(
    ["success", "error", "fail", "pass", "warn", "skipped", "no-op", "partial success", "new", "", "started"]
)
ITEMS: st.SearchStrategy[EngineItem] = st.one_of(
    st.builds(Started, NODES),
    st.builds(Finished, NODES, WORDS, message=st.none() | st.just(LOST) | st.text(max_size=5), cut_off=st.booleans()),
    st.builds(Hook, st.text(max_size=3), st.text(max_size=3), WORDS),
    st.builds(Log, st.sampled_from(["info", "error"]), st.text(max_size=5)),
    st.builds(NotUnderstood, st.text(max_size=5)),
    st.builds(Ready, st.lists(NODES, max_size=1).map(tuple)),
    st.builds(Hello, st.text(max_size=5)),
    st.builds(
        InvocationDone,
        st.booleans(),
        st.lists(st.builds(Finished, NODES, WORDS), max_size=3).map(tuple),
        st.just(()),
        st.none() | st.builds(ChildFailure, st.sampled_from(["dbt", "interrupted", "parse", "?"]), st.just(LOST)),
    ),
    st.builds(Exited, st.sampled_from([0, 1, 2, -9, -15, None])),
    st.builds(Refused, st.text(max_size=5)),
)


@settings(max_examples=1_500)
@given(
    start=st.lists(ITEMS, max_size=3),
    ready=st.booleans(),
    scripts=st.lists(st.lists(ITEMS, max_size=8), max_size=4),
    flags=st.fixed_dictionaries({"deaf": st.booleans(), "immortal": st.booleans(), "cancels_nodes": st.booleans()}),
    node_timeout=st.none() | st.just(3.0),
    retries=st.integers(0, 2),
    cancel=st.booleans(),
)
def test_no_script_makes_it_throw_hang_or_lie(
    start: list[EngineItem],
    ready: bool,
    scripts: list[list[EngineItem]],
    flags: dict[str, bool],
    node_timeout: float | None,
    retries: int,
    cancel: bool,
) -> None:
    def script(n: int, phase: Phase) -> list[EngineItem]:
        return scripts[n - 1] if n <= len(scripts) else []

    engine = ScriptedEngine(
        [*start, *(READY if ready else ())],
        script,
        deaf=flags["deaf"],
        immortal=flags["immortal"],
        cancels_nodes=flags["cancels_nodes"],
    )
    plan = chain(retries=retries, node_timeout=node_timeout)
    record, events, clock = supervise(plan, engine, cancel_at_once=cancel)
    results = last_results(record.attempts)
    assert set(record.missing) == plan.ids - results.keys()
    if record.outcome == "succeeded":
        assert not record.missing
        assert all(is_successful(results[node].status) for node in plan.ids)
        assert record.error is None
    assert record.error is None or record.error.code != "INTERNAL"
    assert clock.now <= 100 + 10 + 5 + 15
    per_attempt = [(event.result.id, event.attempt) for event in events if isinstance(event, NodeFinished)]
    assert len(per_attempt) == len(set(per_attempt))
    assert {node.status for attempt in record.attempts for node in attempt.nodes} <= {
        "succeeded",
        "warned",
        "failed",
        "skipped",
        "cancelled",
        "unknown",
    }
