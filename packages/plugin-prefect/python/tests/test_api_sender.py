"""Batches, and a server that does not answer or refuses."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from conftest import NotedApi

from floe_prefect import api_sender
from floe_prefect.api import ApiFailure
from floe_prefect.api_sender import ApiSender
from floe_prefect.artifacts import write_artifact

AWAY = ApiFailure("ConnectError for /events", may_pass=True)
REFUSED = ApiFailure("HTTP status 422 for /events", may_pass=False)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_sender, "_LONGEST_PAUSE", 0.01)


def send(api: NotedApi, count: int, *, seconds: float = 20) -> str | None:
    sender = ApiSender(api.connect, beat=60)
    for number in range(count):
        sender.event({"id": str(number)})
        sender.log({"message": str(number)})
    return sender.close(seconds)


def test_everything_is_sent_once_and_in_order() -> None:
    api = NotedApi()
    assert send(api, 1_234) is None
    assert [event["id"] for event in api.items("/events")] == [str(number) for number in range(1_234)]
    assert [line["message"] for line in api.items("/logs/")] == [str(number) for number in range(1_234)]
    assert max(len(body) for _, body in api.posts) <= api_sender.BATCH


def test_a_server_that_comes_back_gets_everything() -> None:
    api = NotedApi(AWAY, AWAY, AWAY)
    assert send(api, 10) is None
    assert len(api.items("/events")) == 10


def test_what_is_refused_is_said_and_holds_up_nothing() -> None:
    api = NotedApi(REFUSED)
    said = send(api, 10)
    assert said == f"10 node states and log lines could not be written to Prefect: {REFUSED.message}"
    assert len(api.items("/logs/")) == 10


def test_a_server_that_stays_away_is_waited_for_only_so_long() -> None:
    said = send(NotedApi(*[AWAY] * 100_000), 5, seconds=0.3)
    assert said is not None
    assert AWAY.message in said


def test_a_server_that_was_gone_is_told_the_last_state_of_each_node_again() -> None:
    cut_off = ApiFailure("RemoteProtocolError for /events", may_pass=True, cut_off=True)
    api = NotedApi()
    sender = ApiSender(api.connect, beat=0.01)

    def state(event_id: str, node: str) -> dict[str, object]:
        return {"id": event_id, "event": "prefect.task-run.Completed", "resource": {"prefect.resource.id": node}}

    sender.event(state("a", "task-run-a"))
    sender.event({"id": "asset", "event": "prefect.asset.materialization.succeeded", "resource": {}})
    wait_until(lambda: len(api.items("/events")) == 2)
    api.fail(cut_off)
    sender.event(state("b", "task-run-b"))
    wait_until(lambda: len(api.items("/events")) == 5)
    assert sender.close(20) is None
    assert [event["id"] for event in api.items("/events")] == ["a", "asset", "b", "a", "b"]


def wait_until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def test_a_state_that_was_not_sent_yet_can_be_dropped() -> None:
    api = NotedApi()
    sender = ApiSender(api.connect, beat=60)
    sender.event({"id": "running"})
    sender.forget("running")
    sender.event({"id": "completed"})
    assert sender.close(20) is None
    assert [event["id"] for event in api.items("/events")] == ["completed"]


def test_an_artifact_is_written_as_soon_as_the_server_is_back() -> None:
    now = iter(range(100))
    clock = lambda: float(next(now))  # noqa: E731
    api = NotedApi(AWAY)
    assert write_artifact(api, {"key": "k"}, 30, clock) is None
    assert api.posts == [("/artifacts/", {"key": "k"})]
    assert write_artifact(NotedApi(REFUSED), {"key": "k"}, 30, clock) == REFUSED.message
    assert write_artifact(NotedApi(AWAY, AWAY), {"key": "k"}, 1, clock) == AWAY.message
