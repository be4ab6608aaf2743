"""The events of a real dbt, read as the runtime reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from floe_runtime.dbt_events import DbtEvents
from floe_runtime.engine_messages import Finished, Hook, Started
from floe_runtime.node_status import node_status_of
from hypothesis import given
from hypothesis import strategies as st

Recording = Callable[[str], tuple[list[dict[str, Any]], list[dict[str, Any]]]]


def read(recording: Recording, name: str) -> tuple[dict[str, str], list[Any], list[Hook]]:
    """Status by node (cut off = cancelled), all messages, hooks."""
    events, results = recording(name)
    reader = DbtEvents()
    messages = [message for event in events for message in reader.messages(event["info"], event["data"])]
    leftovers, hooks = reader.leftovers(results)
    ends = [message for message in (*messages, *leftovers) if isinstance(message, Finished)]
    statuses = {end.id: "cancelled" if end.cut_off else str(node_status_of(end.dbt_status)) for end in ends}
    return statuses, messages, list(hooks)


def test_a_mixed_build_gives_one_end_for_each_node(recording: Recording) -> None:
    statuses, messages, _ = read(recording, "build-mixed")
    ends = [message.id for message in messages if isinstance(message, Finished)]
    starts = [message.id for message in messages if isinstance(message, Started)]
    assert sorted(ends) == sorted(set(ends))
    assert sorted(starts) == sorted(ends)
    _, results = recording("build-mixed")
    for result in results:
        if not result["unique_id"].startswith("operation."):
            assert statuses[result["unique_id"]] == node_status_of(result["status"]), result


def test_batches_are_folded_into_their_model(recording: Recording) -> None:
    _, messages, _ = read(recording, "microbatch_partial")
    told = [message for message in messages if isinstance(message, (Started, Finished))]
    assert [type(message).__name__ for message in told] == ["Started", "Finished"]
    assert isinstance(told[1], Finished)
    assert told[1].dbt_status == "partial success"


def test_fail_fast_skips_what_never_started_and_cancels_what_was_cut_off(recording: Recording) -> None:
    statuses, _, _ = read(recording, "fail_fast")
    assert statuses["model.evt.bad"] == "failed"
    assert statuses["model.evt.failed_test"] == "cancelled"
    others = {status for node, status in statuses.items() if node not in ("model.evt.bad", "model.evt.failed_test")}
    assert others == {"skipped"}


def test_an_interrupt_cancels_the_running_node(recording: Recording) -> None:
    statuses, _, _ = read(recording, "kill_duck_SIGINT")
    assert statuses == {"model.slow.a": "succeeded", "model.slow.long": "cancelled"}


def test_hooks_have_names_statuses_and_messages(recording: Recording) -> None:
    events, _ = recording("hook_error")
    reader = DbtEvents()
    messages = [message for event in events for message in reader.messages(event["info"], event["data"])]
    live = [message for message in messages if isinstance(message, Hook)]
    assert [(hook.name, hook.dbt_status) for hook in live] == [
        ("evt.on-run-start.0", "error"),
        ("evt.on-run-end.0", "success"),
    ]
    entry = {"unique_id": "operation.evt.evt-on-run-start-0", "status": "error", "message": "no such table"}
    assert reader.leftovers([entry]) == ((), (Hook(live[0].id, "evt.on-run-start.0", "error", "no such table"),))


def test_rows_and_failures(recording: Recording) -> None:
    _, messages, _ = read(recording, "seed")
    seed = next(message for message in messages if isinstance(message, Finished))
    assert seed.rows is not None
    assert seed.rows > 0
    assert seed.failures is None
    _, messages, _ = read(recording, "test_fail")
    failed = next(message for message in messages if isinstance(message, Finished) and message.dbt_status == "fail")
    assert failed.failures == 1
    assert failed.rows is None


def test_every_recording_gives_known_statuses(recording: Recording) -> None:
    expected = {
        "compile_error": {"failed"},
        "ephemeral": {"succeeded"},
        "freshness": {"failed"},
        "model_error_skips": {"failed", "skipped"},
        "parse_error": set(),
        "snapshot": {"succeeded"},
        "success": {"succeeded"},
        "test_warn": {"succeeded", "warned"},
        "unit_test": {"failed", "skipped"},
    }
    for name, statuses in expected.items():
        assert set(read(recording, name)[0].values()) == statuses, name


def test_times_carry_a_zone(recording: Recording) -> None:
    _, messages, _ = read(recording, "success")
    for message in messages:
        if isinstance(message, Finished):
            assert (message.finished_at or "").endswith("Z")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NODE_INFO = st.fixed_dictionaries({}, optional={"unique_id": JSON, "resource_type": JSON, "node_started_at": JSON})
RESULT = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("unique_id", "status", "message", "execution_time", "num_failures", "adapter_response"), JSON
    ),
)
INFO = st.fixed_dictionaries(
    {"name": st.sampled_from(["NodeStart", "NodeFinished", "LogCancelLine", "LogHookEndLine", "Other"]) | JSON},
    optional={"level": st.sampled_from(["info", "warn", "error", "debug"]) | JSON, "msg": JSON},
)
DATA = st.fixed_dictionaries(
    {}, optional={"node_info": NODE_INFO | JSON, "run_result": RESULT | JSON, "conn_name": JSON, "statement": JSON}
)


@given(st.lists(st.tuples(INFO, DATA), max_size=6), st.lists(RESULT, max_size=4))
def test_no_event_makes_it_throw(events: list[tuple[Any, Any]], results: list[Any]) -> None:
    reader = DbtEvents()
    for info, data in events:
        reader.messages(info, data)
    reader.leftovers(results)
