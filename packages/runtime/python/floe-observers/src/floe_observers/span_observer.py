"""The run and its nodes as spans that continue the client's trace, named by the conventions for `cicd.pipeline`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from floe_runtime.lineage_ids import lineage_run_id
from floe_runtime.observation import ObservedRun
from floe_runtime.observed_outcome import ObservedOutcome, node_outcome, run_outcome
from floe_runtime.plan import PlannedCheck, PlannedNode
from floe_runtime.run_events import AttemptStarted, NodeFinished, NodeStarted
from floe_runtime.run_record import ObserverReport, RunRecord
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from floe_observers.settings import TelemetrySettings
from floe_observers.span_exporter import SpanQueue
from floe_observers.times import now, parse_time


class SpanObserver:
    """One span for the run, one for each node and attempt below it."""

    def __init__(self, settings: TelemetrySettings, exporter: SpanExporter) -> None:
        """Has a provider of its own: what else the process traces is not touched."""
        self._queue = SpanQueue(exporter)
        provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(settings.sampling),
            resource=Resource(dict(settings.resource)),
            shutdown_on_exit=False,
        )
        provider.add_span_processor(self._queue)
        self._tracer = provider.get_tracer("floe")
        self._run: ObservedRun | None = None
        self._span: Span | None = None
        self._note: str | None = None

    def run_started(self, run: ObservedRun) -> None:
        """Opens the span of the run, below the client's when there is one."""
        context = None
        if run.request.traceparent is not None:
            context = TraceContextTextMapPropagator().extract({"traceparent": run.request.traceparent})
        self._run = run
        plan = run.plan
        attributes: dict[str, AttributeValue | None] = {
            "cicd.pipeline.name": plan.product,
            "cicd.pipeline.action.name": "RUN",
            "cicd.pipeline.run.id": run.context.run_id or run.request.key,
            "cicd.pipeline.run.url.full": run.context.run_url,
            "floe.orchestrator": run.context.platform,
            "floe.environment": plan.environment,
            "floe.run.key": run.request.key,
            "floe.run.planned": len(run.ids),
            "floe.bundle.hash": plan.bundle_hash,
        }
        self._span = self._tracer.start_span(
            f"RUN {plan.product}",
            context,
            SpanKind.SERVER,
            attributes=_present(attributes),
            start_time=_nanoseconds(parse_time(run.started_at) or now()),
        )

    def attempt_started(self, event: AttemptStarted) -> None:
        """No span: the attempt is an attribute of its nodes."""

    def node_started(self, event: NodeStarted) -> None:
        """No span yet: only an ended span can be sent."""

    def node_finished(self, event: NodeFinished) -> None:
        """The span of a node, with dbt's own times."""
        run, parent = self._run, self._span
        node = None if run is None else run.plan.nodes.get(event.result.id) or run.plan.checks.get(event.result.id)
        if run is None or parent is None or node is None:
            return
        result = event.result
        end = parse_time(result.finished_at) or now()
        begin = min(parse_time(result.started_at) or end, end)
        outcome = node_outcome(result)
        span = self._tracer.start_span(
            f"{_kind(node)} {node.name}",
            set_span_in_context(parent),
            SpanKind.INTERNAL,
            attributes=_present(_node_attributes(run, node, event, outcome)),
            start_time=_nanoseconds(begin),
        )
        _set_end(span, outcome)
        span.end(_nanoseconds(end))
        self._queue.send_sometimes()

    def run_finished(self, record: RunRecord) -> None:
        """Ends the span of the run and sends everything."""
        if self._span is None:
            return
        outcome = run_outcome(record)
        begin, end = parse_time(record.started_at), parse_time(record.finished_at) or now()
        attributes: dict[str, AttributeValue | None] = {
            "cicd.pipeline.result": outcome.result,
            "floe.run.status": record.outcome,
            "floe.run.duration_ms": None if begin is None else round((end - begin).total_seconds() * 1_000),
            "floe.run.attempts": len(record.attempts),
            **{f"floe.run.nodes.{status}": count for status, count in record.counts.items()},
            "floe.run.nodes.missing": len(record.missing) or None,
        }
        self._span.set_attributes(_present(attributes))
        _set_end(self._span, outcome)
        self._span.end(_nanoseconds(end))
        self._queue.send()
        if self._queue.failed:
            self._note = "the collector does not take spans"

    def idle(self) -> bool:
        """Nothing can wait."""
        return False

    def hurry(self) -> None:
        """Ends the exporter's waits."""
        self._queue.shutdown()

    def report(self) -> ObserverReport:
        """Counts so far."""
        queue = self._queue
        return ObserverReport(sent=queue.sent, failed=queue.failed, dropped=queue.dropped, note=self._note)


def _node_attributes(
    run: ObservedRun, node: PlannedNode | PlannedCheck, event: NodeFinished, outcome: ObservedOutcome
) -> dict[str, AttributeValue | None]:
    result, attempt = event.result, event.attempt
    return {
        "cicd.pipeline.name": run.plan.product,
        "cicd.pipeline.task.name": node.id,
        "cicd.pipeline.task.run.id": lineage_run_id(_namespace(run), run.lineage_key, node.id, attempt),
        "cicd.pipeline.task.run.url.full": run.context.run_url,
        "cicd.pipeline.task.run.result": outcome.result,
        "floe.node.kind": _kind(node),
        "floe.node.status": result.status,
        "floe.node.attempt": attempt,
        "floe.node.duration_ms": None if result.seconds is None else round(result.seconds * 1_000),
        "floe.node.rows": result.rows,
        "floe.node.failures": result.failures,
    }


def _namespace(run: ObservedRun) -> str:
    """Of the lineage events of the same run, also where lineage is off."""
    lineage = run.plan.observability.get("lineage")
    namespace = lineage.get("namespace") if isinstance(lineage, dict) else None
    return namespace if isinstance(namespace, str) else run.plan.product


def _kind(node: PlannedNode | PlannedCheck) -> str:
    if isinstance(node, PlannedNode):
        return node.kind
    return "unit_test" if node.kind == "unit" else "test"


def _set_end(span: Span, outcome: ObservedOutcome) -> None:
    if outcome.code is not None:
        span.set_attribute("error.type", outcome.code)
    if outcome.is_error:
        span.set_status(StatusCode.ERROR, outcome.code)


def _present(attributes: Mapping[str, AttributeValue | None]) -> dict[str, AttributeValue]:
    return {name: value for name, value in attributes.items() if value is not None}


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000
