"""What a run tells Prefect: node states as task runs, asset events, log lines, and at its end the record."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Final

from floe_runtime.run_events import AttemptStarted, LogLine, NodeFinished, NodeStarted, RunEvent
from floe_runtime.run_record import RunRecord
from prefect.client.schemas.objects import FlowRun

from floe_prefect.api import connect
from floe_prefect.api_sender import ApiSender
from floe_prefect.artifacts import record_artifact, results_artifact, write_artifact
from floe_prefect.definitions_data import DefinitionsData
from floe_prefect.node_states import NodeStates

LOGGER: Final = "floe"
_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_LINE_LIMIT: Final = 100_000


class RunReport:
    """A failing server never fails the run here, and what is lost is said."""

    def __init__(self, data: DefinitionsData, flow_run: FlowRun) -> None:
        self._data = data
        self._flow_run_id = str(flow_run.id)
        self._run_count = max(1, flow_run.run_count)
        self._related = _related(data, flow_run)
        self._sender = ApiSender()
        self._states: NodeStates | None = None
        self._running: dict[str, str] = {}

    def tell(self, event: RunEvent) -> None:
        """Notes an event; it is sent within about a second."""
        match event:
            case AttemptStarted():
                if self._states is None:
                    self._states = NodeStates(self._flow_run_id, self._data["nodes"], event.ids, self._run_count)
            case NodeStarted():
                self._started(event)
            case NodeFinished():
                self._finished(event)
            case LogLine():
                self.log(event.level, event.text, event.node_id)

    def log(self, level: str, text: str, node_id: str | None = None) -> None:
        """A line for people; debugging stays in the output of the process."""
        if level == "debug":
            print(text, flush=True)
            return
        line: dict[str, Any] = {
            "name": LOGGER,
            "level": _LEVELS.get(level, logging.INFO),
            "message": text[:_LINE_LIMIT],
            "timestamp": datetime.now(UTC).isoformat(),
            "flow_run_id": self._flow_run_id,
        }
        if node_id is not None and self._states is not None:
            line["task_run_id"] = self._states.task_run_id(node_id)
        self._sender.log(line)

    def close(self, record: RunRecord, seconds: float) -> str | None:
        """Sends what waits and then the record, each for at most so long; why the record is missing, if it is."""
        lost = self._sender.close(seconds)
        if lost is not None:
            print(lost, flush=True)
        artifact = record_artifact(self._data, self._flow_run_id, record.to_json())
        with connect() as api:
            missing = write_artifact(api, artifact, seconds)
            if missing is None:
                # The table is for people only: no run waits long for it.
                write_artifact(api, results_artifact(self._data, self._flow_run_id, record), 1.0)
        return missing

    def _started(self, event: NodeStarted) -> None:
        if self._states is not None:
            state = self._states.started(event.id, event.at)
            self._running[event.id] = state["id"]
            self._sender.event(state)

    def _finished(self, event: NodeFinished) -> None:
        if self._states is None:
            return
        result = event.result
        running = self._running.pop(result.id, None)
        if running is not None:
            self._sender.forget(running)
        self._sender.event(self._states.finished(result, event.attempt))
        asset = self._states.materialized(result, event.attempt, self._related)
        if asset is not None:
            self._sender.event(asset)


def _related(data: DefinitionsData, flow_run: FlowRun) -> list[dict[str, str]]:
    """The flow run, its flow and its deployment, as Prefect names them in its own events."""
    related = [
        _resource("flow-run", str(flow_run.id), flow_run.name),
        _resource("flow", str(flow_run.flow_id), data["flow"]),
    ]
    if flow_run.deployment_id is not None:
        related.append(_resource("deployment", str(flow_run.deployment_id), data["platform"]))
    return related


def _resource(role: str, identity: str, name: str) -> dict[str, str]:
    return {
        "prefect.resource.id": f"prefect.{role}.{identity}",
        "prefect.resource.role": role,
        "prefect.resource.name": name,
    }
