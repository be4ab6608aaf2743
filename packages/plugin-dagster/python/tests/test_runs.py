from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import dagster as dg
import pytest
from floe_runtime.node_status import NodeStatus
from floe_runtime.run_record import NodeResult
from floe_runtime.ticking_events import ticking

from floe_dagster.asset_specs import build_specs
from floe_dagster.definitions_data import read_definitions_data
from floe_dagster.node_events import NativeEvents, state_of
from floe_dagster.run_guard import older_run, request_of


def natives(bundle: Path, *, assets: bool = True) -> NativeEvents:
    specs = build_specs(read_definitions_data(bundle))
    context = SimpleNamespace(
        selected_asset_keys={spec.key for spec in specs.assets} if assets else set(),
        selected_asset_check_keys={spec.key for spec in specs.checks},
    )
    return NativeEvents(cast(dg.AssetExecutionContext, context), specs)


def test_a_success_is_a_materialization_once(bundle: Path) -> None:
    events = natives(bundle)
    result = NodeResult("model.shop.a", "succeeded", seconds=1.5, rows=3)
    event = events.event_for(result)
    assert isinstance(event, dg.MaterializeResult)
    assert event.asset_key == dg.AssetKey(["shop", "a"])
    assert event.metadata is not None
    assert event.metadata["dagster/row_count"] == 3
    assert events.event_for(result) is None


@pytest.mark.parametrize("status", ["failed", "skipped", "cancelled", "unknown"])
def test_what_did_not_succeed_is_no_materialization(bundle: Path, status: NodeStatus) -> None:
    events = natives(bundle)
    result = NodeResult("model.shop.a", status)
    assert events.event_for(result) is None
    assert state_of(result) == {"id": "model.shop.a", "status": status}


def test_what_was_not_asked_for_is_not_shown(bundle: Path) -> None:
    assert natives(bundle, assets=False).event_for(NodeResult("model.shop.a", "succeeded")) is None


def test_a_failed_check_waits_in_case_a_later_attempt_passes(bundle: Path) -> None:
    events = natives(bundle)
    assert events.event_for(NodeResult("test.shop.t", "failed", failures=2)) is None
    assert events.event_for(NodeResult("test.shop.two", "failed")) is None
    passed = events.event_for(NodeResult("test.shop.t", "succeeded"))
    assert isinstance(passed, dg.AssetCheckResult)
    assert passed.passed
    held = list(events.held_back())
    assert [(check.check_name, check.passed) for check in held] == [("two", False)]
    assert list(events.held_back()) == []


def test_a_warning_does_not_fail_a_check_hard(bundle: Path) -> None:
    event = natives(bundle).event_for(NodeResult("test.shop.of_source", "warned"))
    assert isinstance(event, dg.AssetCheckResult)
    assert (event.passed, event.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert event.asset_key == dg.AssetKey(["shop", "raw", "x"])


def run(instance: dg.DagsterInstance, key: str, root: str | None = None) -> dg.DagsterRun:
    return instance.add_run(dg.DagsterRun(job_name="job", tags={"floe/key": key}, root_run_id=root, parent_run_id=root))


def test_the_oldest_run_of_a_key_is_the_one_that_counts() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        first, second = run(instance, "k"), run(instance, "k")
        run(instance, "other")
        assert older_run(instance, first, "k") is None
        assert older_run(instance, second, "k") == first.run_id


def test_a_restart_of_dagster_is_no_duplicate_of_what_it_repeats() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        first = run(instance, "k")
        restart = run(instance, "k", root=first.run_id)
        assert older_run(instance, restart, "k") is None


def test_a_run_without_a_request_gets_the_settings_of_the_product() -> None:
    plain = dg.DagsterRun(job_name="job")
    assert request_of(plain).key == plain.run_id
    asked = dg.DagsterRun(job_name="job", tags={"floe/request": '{"protocol":1,"key":"k","threads":2}'})
    assert (request_of(asked).key, request_of(asked).threads) == ("k", 2)


def test_ticking_gives_a_beat_while_nothing_comes() -> None:
    go = threading.Event()

    def slow() -> Iterator[int]:
        yield 1
        go.wait(10)
        yield 2

    seen: list[int | None] = []
    for event in ticking(slow(), beat=0.02):
        seen.append(event)
        if event is None:
            go.set()
    assert [event for event in seen if event is not None] == [1, 2]
    assert None in seen


def test_ticking_hands_on_what_goes_wrong() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        list(ticking(broken()))
