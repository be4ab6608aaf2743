"""The usual engine: `python -m floe_dbt`, which calls dbt's public Python runner."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from floe_runtime.child import ChildProcess
from floe_runtime.dbt_arguments import invocation_arguments, project_arguments
from floe_runtime.dbt_events import DbtEvents
from floe_runtime.engine import EngineSettings
from floe_runtime.engine_messages import EngineItem, Exited, InvocationDone
from floe_runtime.phases import Phase
from floe_runtime.plan import Plan
from floe_runtime.protocol import DbtDone, DbtEvent, parse_line
from floe_runtime.run_request import PROTOCOL

_FLAGS = (
    "--no-write-json",
    "--quiet",
    "--no-use-colors",
    "--no-version-check",
    "--no-send-anonymous-usage-stats",
    *("--log-level-file", "none"),
)
"""No manifest.json: dbt would write it twice in each invocation. Events come by callbacks, whatever the log level."""


class FloeDbtEngine:
    """One child for the whole run."""

    cancels_nodes = True

    def __init__(self) -> None:
        """Starts nothing yet."""
        self._child: ChildProcess | None = None
        self._settings: EngineSettings | None = None
        self._held: list[EngineItem] | None = []
        self._lock = threading.Lock()
        self._put: Callable[[EngineItem], None] = self._hold
        self._events = DbtEvents()
        self._invocations = 0

    def prepare(self, plan: Plan, environ: Mapping[str, str] = os.environ) -> None:
        """
        Starts the child ahead of the run, so that it imports dbt while the orchestrator is still at its own work.
        A child that is never used ends with this process. Nothing fails here: what cannot be started now is started,
        and told, with the run.
        """
        try:
            self._start_child(plan, environ, Path(tempfile.gettempdir()))
        except OSError:
            self._child = None

    def start(self, settings: EngineSettings, put: Callable[[EngineItem], None]) -> None:
        """Starts the child, if it was not prepared; it parses the project."""
        self._settings = settings
        self.reading_into(put)
        planned_file = settings.private_dir / "planned.json"
        planned_file.write_text(json.dumps(sorted(settings.planned)), "utf-8")
        child = self._child or self._start_child(settings.plan, settings.environ, settings.private_dir)
        child.send(
            {
                "protocol": PROTOCOL,
                "environ": {**settings.environ},
                "project_dir": str(settings.plan.dbt.project_dir),
                "private_dir": str(settings.private_dir),
                "partial_parse_dir": None if settings.partial_parse_dir is None else str(settings.partial_parse_dir),
                "planned_file": str(planned_file),
                "count_rows": settings.count_rows,
                "grace": settings.grace,
                "arguments": [*project_arguments(settings), *_FLAGS],
            }
        )

    def invoke(self, phase: Phase) -> None:
        """Tells the child to run dbt."""
        if self._settings is None or self._child is None:
            return
        self._invocations += 1
        self._events.reset()
        state = self._settings.private_dir / f"selection-{self._invocations}"
        arguments = [*invocation_arguments(self._settings, phase, state), *_FLAGS]
        self._child.send({"type": "invoke", "arguments": arguments, "whole": phase.whole})

    def cancel_node(self, node_id: str) -> None:
        """Tells the child to cancel the node's query."""
        if self._child is not None:
            self._child.send({"type": "cancel_node", "id": node_id})

    def interrupt(self) -> None:
        """SIGINT: dbt cancels its queries."""
        self._signal(signal.SIGINT)

    def terminate(self) -> None:
        """SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the group."""
        self._signal(signal.SIGKILL)

    def finish(self) -> None:
        """The child closes its connections and ends."""
        if self._child is not None:
            self._child.send({"type": "finish"})

    def output(self) -> str:
        """What the child wrote to its standard output and error."""
        return "" if self._child is None else self._child.output.text()

    def reading_into(self, put: Callable[[EngineItem], None]) -> Callable[[bytes], None]:
        """What takes the child's lines, and puts what they say; what a prepared child has said already comes first."""
        with self._lock:
            for item in self._held or []:
                put(item)
            self._held = None
            self._put = put
        return self._take

    def _start_child(self, plan: Plan, environ: Mapping[str, str], directory: Path) -> ChildProcess:
        python = plan.execution.dbt_python or sys.executable
        self._child = ChildProcess(
            lambda events: [python, "-m", "floe_dbt", str(events), plan.dbt.adapter],
            environ={**environ, "PYTHONUNBUFFERED": "1"},
            directory=directory,
            on_line=self._take,
            on_end=lambda code: self._put(Exited(code)),
        )
        return self._child

    def _hold(self, item: EngineItem) -> None:
        with self._lock:
            if self._held is not None:
                self._held.append(item)
                return
        self._put(item)

    def _take(self, line: bytes) -> None:
        message = parse_line(line)
        if isinstance(message, DbtEvent):
            for item in self._events.messages(message.info, message.data):
                self._put(item)
        elif isinstance(message, DbtDone):
            leftovers, hooks = self._events.leftovers(message.results)
            self._put(InvocationDone(message.success, leftovers, hooks, message.failure))
        else:
            self._put(message)

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None:
            self._child.signal_group(number)
