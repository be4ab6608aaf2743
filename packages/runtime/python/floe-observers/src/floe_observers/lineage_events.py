"""Run events of OpenLineage from the events of a run: one START and one terminal event for each run and node."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from floe_runtime.lineage_ids import lineage_run_id
from floe_runtime.observation import ObservedRun
from floe_runtime.observed_outcome import ObservedOutcome, node_outcome, run_outcome
from floe_runtime.plan import PlannedCheck, PlannedNode
from floe_runtime.run_record import NodeResult, RunRecord
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import RunFacet

from floe_observers.dataset_names import Relation, dataset_name
from floe_observers.lineage_facets import (
    PRODUCER,
    FloeRunFacet,
    assertions_facet,
    error_facet,
    input_dataset,
    job_facets,
    output_dataset,
    parent_facet,
    run_facets,
    test_facet,
)
from floe_observers.settings import LineageSettings
from floe_observers.times import format_time, now, parse_time
from floe_observers.trace_parent import trace_id_of

_STATES: Final = {"COMPLETE": RunState.COMPLETE, "FAIL": RunState.FAIL, "ABORT": RunState.ABORT}


class LineageEvents:
    """The events of one run. Keeps what has begun and ended, so that nothing ends twice or without a beginning."""

    def __init__(self, run: ObservedRun, settings: LineageSettings) -> None:
        """Nothing of `run` goes into an event but names, codes, counts and times."""
        self._run = run
        self._settings = settings
        self._attempt = 1
        self._begun: dict[tuple[str, int], datetime] = {}
        self._ended: set[tuple[str, int]] = set()
        self._last = parse_time(run.started_at) or now()
        self._trace_id = trace_id_of(run.request.traceparent)

    def run_started(self) -> RunEvent:
        """Before any work."""
        return self._run_event(RunState.START, self._last, self._floe(planned=len(self._run.ids)))

    def attempt_started(self, attempt: int) -> None:
        """The nodes that start from now on belong to this attempt."""
        self._attempt = attempt

    def node_started(self, node_id: str, at: str | None) -> list[RunEvent]:
        """None when the node has started before, or is not in the plan."""
        key = (node_id, self._attempt)
        if key in self._begun or self._planned(node_id) is None:
            return []
        return [self._start(node_id, self._attempt, parse_time(at) or now())]

    def node_finished(self, result: NodeResult, attempt: int) -> list[RunEvent]:
        """With a START before it, if there was none: dbt does not start what it skips."""
        key = (result.id, attempt)
        if key in self._ended or self._planned(result.id) is None:
            return []
        events = []
        if key not in self._begun:
            begin = parse_time(result.started_at) or parse_time(result.finished_at) or now()
            events.append(self._start(result.id, attempt, begin))
        self._ended.add(key)
        end = max(parse_time(result.finished_at) or now(), self._begun[key])
        self._last = max(self._last, end)
        outcome = node_outcome(result)
        events.append(self._node_event(_STATES[outcome.event], end, result.id, attempt, result, outcome))
        return events

    def run_finished(self, record: RunRecord) -> list[RunEvent]:
        """Ends what is still open, then the run, not before any of its nodes."""
        events = []
        results = {(result.id, attempt.n): result for attempt in record.attempts for result in attempt.nodes}
        for node_id, attempt in [key for key in self._begun if key not in self._ended]:
            cut_off = NodeResult(id=node_id, status="cancelled")
            events += self.node_finished(results.get((node_id, attempt), cut_off), attempt)
        outcome = run_outcome(record)
        facet = self._floe(
            reason=outcome.code if outcome.event == "ABORT" else None,
            planned=record.planned,
            missing=len(record.missing),
        )
        end = max(parse_time(record.finished_at) or now(), self._last)
        message = record.error.message if record.error is not None else None
        events.append(self._run_event(_STATES[outcome.event], end, facet, outcome, message))
        return events

    def _start(self, node_id: str, attempt: int, begin: datetime) -> RunEvent:
        self._begun[node_id, attempt] = begin
        self._last = max(self._last, begin)
        return self._node_event(RunState.START, begin, node_id, attempt)

    # -- building

    def _run_event(
        self,
        state: RunState,
        at: datetime,
        facet: FloeRunFacet,
        outcome: ObservedOutcome | None = None,
        message: str | None = None,
    ) -> RunEvent:
        facets = {**run_facets(self._run), "floe": facet}
        if outcome is not None:
            facets.update(self._error(outcome, message))
        run_id = lineage_run_id(self._settings.namespace, self._run.lineage_key)
        return self._event(state, at, (run_id, facets), (self._run.plan.product, "DAG"))

    def _node_event(
        self,
        state: RunState,
        at: datetime,
        node_id: str,
        attempt: int,
        result: NodeResult | None = None,
        outcome: ObservedOutcome | None = None,
    ) -> RunEvent:
        plan, key = self._run.plan, self._run.lineage_key
        namespace = self._settings.namespace
        reason = outcome.code if outcome is not None and outcome.event == "ABORT" else None
        facets: dict[str, RunFacet] = {
            **run_facets(self._run),
            "parent": parent_facet(namespace, plan.product, lineage_run_id(namespace, key)),
            "floe": self._floe(attempt=attempt, reason=reason),
        }
        if outcome is not None and result is not None:
            facets.update(self._error(outcome, result.message))
        run_id = lineage_run_id(namespace, key, node_id, attempt)
        node = self._planned(node_id)
        if isinstance(node, PlannedCheck):
            if result is not None and (tests := test_facet(node, result)) is not None:
                facets["test"] = tests
            kind = "UNIT_TEST" if node.kind == "unit" else "TEST"
            return self._event(state, at, (run_id, facets), (node_id, kind), self._tested(node, result))
        if node is None:
            raise KeyError(node_id)
        return self._event(
            state, at, (run_id, facets), (node_id, node.kind.upper()), self._inputs(node), self._outputs(node, result)
        )

    def _event(
        self,
        state: RunState,
        at: datetime,
        run: tuple[str, dict[str, RunFacet]],
        job: tuple[str, str],
        inputs: list[InputDataset] | None = None,
        outputs: list[OutputDataset] | None = None,
    ) -> RunEvent:
        name, kind = job
        return RunEvent(
            eventType=state,
            eventTime=format_time(at),
            run=Run(runId=run[0], facets=run[1]),
            job=Job(namespace=self._settings.namespace, name=name, facets=job_facets(kind)),
            inputs=inputs or [],
            outputs=outputs or [],
            producer=PRODUCER,
        )

    def _error(self, outcome: ObservedOutcome, message: str | None) -> dict[str, RunFacet]:
        if not outcome.is_error:
            return {}
        return {"errorMessage": error_facet(outcome, message if self._settings.include_messages else None)}

    def _floe(
        self,
        *,
        attempt: int | None = None,
        reason: str | None = None,
        planned: int | None = None,
        missing: int | None = None,
    ) -> FloeRunFacet:
        run = self._run
        return FloeRunFacet(
            product=run.plan.product,
            environment=run.plan.environment,
            runKey=run.request.key,
            attempt=attempt,
            reason=reason,
            traceId=self._trace_id,
            planned=planned,
            missing=missing,
            producer=PRODUCER,
        )

    # -- datasets

    def _planned(self, node_id: str) -> PlannedNode | PlannedCheck | None:
        plan = self._run.plan
        return plan.nodes.get(node_id) or plan.checks.get(node_id)

    def _relations(self, ids: Iterable[str]) -> list[Relation]:
        """Of nodes and sources, each once: a seed and the source that reads it are one table."""
        plan = self._run.plan
        found = [
            plan.nodes[node_id].relation if node_id in plan.nodes else plan.sources.get(node_id) for node_id in ids
        ]
        return list({dataset_name(relation): relation for relation in found if relation is not None}.values())

    def _inputs(self, node: PlannedNode) -> list[InputDataset]:
        own = None if node.relation is None else dataset_name(node.relation)
        return [
            input_dataset(self._settings.dataset_namespace, relation)
            for relation in self._relations(node.upstream)
            if dataset_name(relation) != own
        ]

    def _outputs(self, node: PlannedNode, result: NodeResult | None) -> list[OutputDataset]:
        if node.relation is None:
            return []
        columns = self._settings.columns.get(node.id, ())
        return [output_dataset(self._settings.dataset_namespace, node.relation, columns, result)]

    def _tested(self, check: PlannedCheck, result: NodeResult | None) -> list[InputDataset]:
        """What a test reads, with its verdict on the first; a unit test reads no data."""
        if check.kind == "unit":
            return []
        inputs = [input_dataset(self._settings.dataset_namespace, found) for found in self._relations(check.upstream)]
        facet = None if result is None else assertions_facet(check, result)
        if inputs and facet is not None:
            inputs[0].inputFacets = {"dataQualityAssertions": facet}
        return inputs
