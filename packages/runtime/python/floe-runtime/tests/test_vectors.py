"""The JSON that both languages read and write."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from floe_runtime.json_fields import FieldError
from floe_runtime.node_status import NODE_STATUSES, STATUS_BY_DBT_STATUS, is_finished, is_successful, node_status_of
from floe_runtime.retry import RetryPolicy, retry_delay
from floe_runtime.run_request import RunRequest
from make_record_vector import document

Vectors = Callable[[str], Any]


def test_status_table_is_the_vectors_table(vectors: Vectors) -> None:
    table = vectors("node-status.json")
    assert table["by_dbt_status"] == STATUS_BY_DBT_STATUS
    assert table["statuses"] == list(NODE_STATUSES)
    assert [status for status in NODE_STATUSES if is_successful(status)] == table["successful"]
    assert [status for status in NODE_STATUSES if is_finished(status)] == table["finished"]


def test_unknown_statuses_are_unknown_never_green(vectors: Vectors) -> None:
    for word in [*vectors("node-status.json")["unknown"], None]:
        assert node_status_of(word) == "unknown"
    assert not is_successful("unknown")


def test_requests_are_read_with_their_defaults(vectors: Vectors) -> None:
    for case in vectors("run-request.json")["valid"]:
        assert json.loads(RunRequest.from_json(case["text"]).to_json()) == case["complete"], case["name"]


def test_requests_that_are_wrong_are_refused(vectors: Vectors) -> None:
    for case in vectors("run-request.json")["invalid"]:
        with pytest.raises(FieldError):
            RunRequest.from_json(case["text"])


def test_another_protocol_is_refused_in_a_sentence() -> None:
    with pytest.raises(FieldError, match="speaks protocol 2, this runtime speaks 1"):
        RunRequest.from_json('{"protocol": 2, "key": "a"}')


def test_retry_delays(vectors: Vectors) -> None:
    for case in vectors("retry-delays.json")["cases"]:
        delay = retry_delay(RetryPolicy(**case["policy"]), case["attempt"], case["random"])
        assert delay == pytest.approx(case["delay"]), case


def test_record_vector_is_what_the_runtime_writes(vectors: Vectors) -> None:
    assert vectors("run-record.json") == document()
