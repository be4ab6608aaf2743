"""The run and its nodes as spans of the client's trace."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from floe_observers.settings import TelemetrySettings, telemetry_settings
from floe_observers.sources import observer_sources
from floe_observers.span_exporter import create_exporter, traces_url
from floe_observers.span_observer import SpanObserver
from floe_runtime.lineage_ids import lineage_run_id
from floe_runtime.observation import Observation, ObserverAbsentError
from floe_runtime.plan import Plan
from floe_runtime.run_record import ObserverReport, RunError
from floe_runtime.run_request import RunRequest
from http_receiver import HttpReceiver
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from shop import (
    FIRST_TRY,
    GOOD,
    NOT_NULL,
    ORDERS,
    SECOND_TRY,
    STAGING,
    TRACE_ID,
    attempt_events,
    observed,
    play,
    record_of,
    write_plan,
)

SETTINGS = TelemetrySettings(endpoint="http://127.0.0.1:4318", resource={"service.name": "floe"})


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return write_plan(tmp_path)


def spans_of(plan: Plan, settings: TelemetrySettings = SETTINGS) -> dict[str, list[ReadableSpan]]:
    exporter = InMemorySpanExporter()
    events = [*attempt_events(1, FIRST_TRY), *attempt_events(2, SECOND_TRY)]
    play(SpanObserver(settings, exporter), observed(plan), events, record_of("failed", [FIRST_TRY, SECOND_TRY]))
    found: dict[str, list[ReadableSpan]] = {}
    for span in exporter.get_finished_spans():
        found.setdefault(span.name, []).append(span)
    return found


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_the_run_continues_the_trace_of_the_client(plan: Plan) -> None:
    [run] = spans_of(plan)["RUN shop"]
    assert run.context is not None
    assert f"{run.context.trace_id:032x}" == TRACE_ID
    assert run.parent is not None
    assert f"{run.parent.span_id:016x}" == "b7ad6b7169203331"
    assert run.kind is SpanKind.SERVER
    assert run.status.status_code is StatusCode.ERROR
    assert run.status.description == "RUN_FAILED"
    assert attributes(run) == {
        "cicd.pipeline.name": "shop",
        "cicd.pipeline.action.name": "RUN",
        "cicd.pipeline.run.id": "4f0c",
        "cicd.pipeline.run.url.full": "http://127.0.0.1:3000/runs/4f0c",
        "cicd.pipeline.result": "failure",
        "error.type": "RUN_FAILED",
        "floe.orchestrator": "dagster",
        "floe.environment": "dev",
        "floe.run.key": "run-1",
        "floe.run.planned": 7,
        "floe.bundle.hash": "sha256:00",
        "floe.run.status": "failed",
        "floe.run.duration_ms": 55_000,
        "floe.run.attempts": 2,
        "floe.run.nodes.failed": 2,
        "floe.run.nodes.skipped": 2,
        "floe.run.nodes.succeeded": 3,
    }


def test_each_node_and_attempt_is_a_span_with_its_own_times(plan: Plan) -> None:
    spans = spans_of(plan)
    [run] = spans["RUN shop"]
    first, second = spans["model stg_orders"]
    assert first.parent is not None
    assert first.parent == run.context
    assert first.status.status_code is StatusCode.ERROR
    assert second.status.status_code is StatusCode.UNSET
    assert first.start_time is not None
    assert first.end_time is not None
    assert first.end_time - first.start_time == 1_000_000_000
    assert attributes(first) == {
        "cicd.pipeline.name": "shop",
        "cicd.pipeline.task.name": STAGING,
        "cicd.pipeline.task.run.id": lineage_run_id("shop", "run-1", STAGING, 1),
        "cicd.pipeline.task.run.url.full": "http://127.0.0.1:3000/runs/4f0c",
        "cicd.pipeline.task.run.result": "failure",
        "error.type": "NODE_FAILED",
        "floe.node.kind": "model",
        "floe.node.status": "failed",
        "floe.node.attempt": 1,
        "floe.node.duration_ms": 1_000,
    }
    assert attributes(second)["floe.node.attempt"] == 2
    assert "error.type" not in attributes(second)
    skipped, built = spans["model orders"]
    assert attributes(skipped)["cicd.pipeline.task.run.result"] == "skip"
    assert skipped.status.status_code is StatusCode.UNSET
    assert attributes(built)["floe.node.rows"] == 7
    _, failed = spans["test not_null_orders_id"]
    assert attributes(failed)["cicd.pipeline.task.name"] == NOT_NULL
    assert attributes(failed)["error.type"] == "TEST_FAILED"
    assert attributes(failed)["floe.node.failures"] == 3
    assert attributes(built)["cicd.pipeline.task.name"] == ORDERS


def test_no_message_gets_into_a_span(plan: Plan) -> None:
    assert "canary" not in "".join(span.to_json() for spans in spans_of(plan).values() for span in spans)


def test_sampling_when_the_client_has_not_decided(plan: Plan) -> None:
    exporter = InMemorySpanExporter()
    observer = SpanObserver(TelemetrySettings(endpoint="http://127.0.0.1:4318", sampling=0.0), exporter)
    run = observed(plan)
    alone = type(run)(run.plan, RunRequest(key="run-1"), run.ids, run.context, run.started_at)
    play(observer, alone, attempt_events(1, GOOD), record_of("succeeded", [GOOD]))
    assert exporter.get_finished_spans() == ()
    assert observer.report() == ObserverReport()


def test_an_error_outside_of_nodes(plan: Plan) -> None:
    exporter = InMemorySpanExporter()
    error = RunError("DBT_PARSE_FAILED", "canary", "Mend it.")
    play(SpanObserver(SETTINGS, exporter), observed(plan), [], record_of("failed", [], error=error))
    [run] = exporter.get_finished_spans()
    assert attributes(run)["error.type"] == "DBT_PARSE_FAILED"
    assert run.status.description == "DBT_PARSE_FAILED"


def otlp_plan(tmp_path: Path, endpoint: str, **telemetry: Any) -> Plan:
    plan = write_plan(tmp_path, enabled=False)
    settings = {"enabled": True, "endpoint": endpoint, "protocol": "http", "exporter": "otlp", **telemetry}
    return type(plan)(**{**plan.__dict__, "observability": {"telemetry": settings}})


def test_otlp_over_http_with_a_secret_header(tmp_path: Path, receiver: HttpReceiver) -> None:
    plan = otlp_plan(tmp_path, receiver.url, headers={"Authorization": "Bearer env:COLLECTOR_TOKEN"})
    [source] = observer_sources(plan, {"COLLECTOR_TOKEN": "canary-token"})
    observer = source.create()
    play(observer, observed(plan), attempt_events(1, GOOD), record_of("succeeded", [GOOD]))
    assert observer.report() == ObserverReport(sent=1 + len(GOOD))
    assert set(receiver.paths) == {"/v1/traces"}
    assert receiver.headers[0]["authorization"] == "Bearer canary-token"
    request = ExportTraceServiceRequest.FromString(receiver.bodies[0])
    assert {span.trace_id.hex() for span in request.resource_spans[0].scope_spans[0].spans} == {TRACE_ID}


def test_a_header_whose_secret_is_not_there(tmp_path: Path) -> None:
    settings = telemetry_settings(
        otlp_plan(tmp_path, "http://127.0.0.1:1", headers={"x-key": "env:NOT_SET"}).observability
    )
    assert settings is not None
    with pytest.raises(ObserverAbsentError, match="the header x-key needs env:NOT_SET, which is not there"):
        create_exporter(settings, {})


@pytest.mark.parametrize("protocol", ["http", "grpc"])
@pytest.mark.parametrize("fault", ["down", "500", "hanging"])
def test_a_collector_that_is_away_is_reported_in_time(
    tmp_path: Path, receiver: HttpReceiver, protocol: str, fault: str
) -> None:
    receiver.status, receiver.hanging = 500, fault == "hanging"
    endpoint = "http://127.0.0.1:9" if fault == "down" else receiver.url
    plan = otlp_plan(tmp_path, endpoint, protocol=protocol)
    observation = Observation(observer_sources(plan, {}))
    began = time.monotonic()
    observation.start(observed(plan))
    for event in attempt_events(1, GOOD):
        observation.tell(event)
    assert time.monotonic() - began < 0.5
    report = observation.finish(record_of("succeeded", [GOOD]))["opentelemetry"]
    assert time.monotonic() - began < 6.5
    assert report.sent == 0
    assert not report.complete


def test_console(plan: Plan, capfd: pytest.CaptureFixture[str]) -> None:
    settings = TelemetrySettings(endpoint="", exporter="console")
    observer = SpanObserver(settings, create_exporter(settings, {}))
    play(observer, observed(plan), attempt_events(1, GOOD), record_of("succeeded", [GOOD]))
    assert len(capfd.readouterr().err.splitlines()) == 1 + len(GOOD)


def test_the_path_of_traces() -> None:
    assert traces_url("http://c:4318") == "http://c:4318/v1/traces"
    assert traces_url("http://c:4318/otlp/") == "http://c:4318/otlp/v1/traces"
    assert traces_url("http://c:4318/v1/traces") == "http://c:4318/v1/traces"
