"""What the loader shows to Prefect, which request a run carries, and how it ends."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import definitions
from floe_runtime.run_record import Attempt, NodeResult, RunError, RunRecord
from prefect.states import StateType

from floe_prefect.artifacts import record_artifact, results_artifact
from floe_prefect.definitions_data import read_definitions_data
from floe_prefect.run_request_of import request_of
from floe_prefect.run_summary import final_state

PYTHON = Path(__file__).resolve().parent.parent
DATA: Any = definitions()


def load(bundle: Path, name: str) -> ModuleType:
    shutil.copy(PYTHON / name, bundle / name)
    spec = importlib.util.spec_from_file_location(name.removesuffix(".py"), bundle / name)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_flows_have_their_names_and_parameters(bundle: Path) -> None:
    product = load(bundle, "flow.py").product_flow
    assert product.name == "floe-shop"
    assert sorted(product.parameters.properties) == ["floe", "job", "trigger"]
    assert product.parameters.required == []
    assert product.retries == 0
    sensor = load(bundle, "sensor.py").sensor_flow
    assert sensor.name == "floe-shop.sensors"
    assert sensor.parameters.required == ["sensor"]


def test_another_schema_is_refused(bundle: Path) -> None:
    (bundle / "prefect.json").write_text(json.dumps({**definitions(), "schema": 2}))
    with pytest.raises(ValueError, match="generate the bundle again"):
        read_definitions_data(bundle)


def test_a_request_comes_from_the_client_or_from_a_job() -> None:
    assert request_of(DATA, "run-id", None, None).key == "run-id"
    given = request_of(DATA, "run-id", {"protocol": 1, "key": "k", "ids": ["model.shop.a"], "threads": 2}, "part")
    assert (given.key, given.ids, given.threads) == ("k", frozenset({"model.shop.a"}), 2)
    assert request_of(DATA, "run-id", None, "part").ids == frozenset({"model.shop.b", "test.shop.t"})
    assert request_of(DATA, "run-id", None, "shop").ids is None
    with pytest.raises(ValueError, match="no job 'other'; it has part, shop"):
        request_of(DATA, "run-id", None, "other")
    with pytest.raises(ValueError, match="protocol 2"):
        request_of(DATA, "run-id", {"protocol": 2}, None)
    with pytest.raises(ValueError, match="name a job: part, shop"):
        request_of(DATA, "run-id", {"protocol": 1, "select": "stg_orders"}, None)
    assert request_of(DATA, "run-id", {"protocol": 1, "select": "stg_orders"}, "part").ids is not None


def record(outcome: Any, **fields: Any) -> RunRecord:
    nodes = (NodeResult("model.shop.a", "failed", message="boom"), NodeResult("seed.shop.raw", "succeeded"))
    return RunRecord("k", None, 4, outcome, attempts=(Attempt(1, 0, nodes),), **fields)


@pytest.mark.parametrize(
    ("outcome", "kind", "name"),
    [
        ("succeeded", StateType.COMPLETED, "Completed"),
        ("failed", StateType.FAILED, "Failed"),
        ("timed_out", StateType.FAILED, "TimedOut"),
        ("cancelled", StateType.CANCELLED, "Cancelled"),
        ("duplicate", StateType.FAILED, "Failed"),
    ],
)
def test_only_a_run_that_did_everything_is_completed(outcome: str, kind: StateType, name: str) -> None:
    state = final_state(record(outcome))
    assert (state.type, state.name) == (kind, name)


def test_the_message_names_what_failed() -> None:
    message = final_state(record("failed", missing=("test.shop.t",), counts={"failed": 1})).message or ""
    assert message.splitlines() == [
        "dbt run failed: 1 failed",
        "model.shop.a: boom",
        "1 planned nodes did not run",
    ]
    error = RunError("DEPLOYMENT_STALE", "It is old.", "Deploy.")
    assert final_state(record("failed", error=error)).message == "It is old. Deploy."


def test_artifacts_keep_the_record_and_show_what_failed_first() -> None:
    text = record("failed").to_json()
    artifact = record_artifact(DATA, "run-id", text)
    assert (artifact["key"], artifact["data"], artifact["flow_run_id"]) == ("floe-shop-record", text, "run-id")
    table = results_artifact(DATA, "run-id", record("failed"))
    assert [(row["node"], row["status"]) for row in table["data"]] == [("a", "failed"), ("raw", "succeeded")]
