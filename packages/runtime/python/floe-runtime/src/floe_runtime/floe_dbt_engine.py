"""The usual engine: `python -m floe_dbt`, which calls dbt's public Python runner."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable

from floe_runtime.child import ChildProcess
from floe_runtime.engine import EngineItem, EngineSettings, Exited
from floe_runtime.phases import Phase
from floe_runtime.protocol import parse_line
from floe_runtime.run_request import PROTOCOL


class FloeDbtEngine:
    """One child for the whole run."""

    cancels_nodes = True

    def __init__(self) -> None:
        self._child: ChildProcess | None = None
        self._settings: EngineSettings | None = None
        self._invocations = 0

    def start(self, settings: EngineSettings, put: Callable[[EngineItem], None]) -> None:
        self._settings = settings
        dbt = settings.plan.dbt
        planned_file = settings.private_dir / "planned.json"
        planned_file.write_text(json.dumps(sorted(settings.planned)), "utf-8")
        python = settings.plan.execution.dbt_python or sys.executable
        self._child = ChildProcess(
            lambda events: [python, "-m", "floe_dbt", str(events), str(os.getpid())],
            environ=settings.environ,
            directory=settings.private_dir,
            on_line=lambda line: put(parse_line(line)),
            on_end=lambda code: put(Exited(code)),
        )
        self._child.send(
            {
                "protocol": PROTOCOL,
                "project_dir": str(dbt.project_dir),
                "profiles_dir": str(dbt.profiles_dir),
                "profile": dbt.profile,
                "target": dbt.target,
                "vars": dict(settings.vars),
                "threads": settings.threads,
                "private_dir": str(settings.private_dir),
                "partial_parse": None if settings.partial_parse_dir is None else str(settings.partial_parse_dir),
                "planned_file": str(planned_file),
                "grace": settings.grace,
            }
        )

    def invoke(self, phase: Phase, *, whole: bool) -> None:
        if self._settings is None or self._child is None:
            return
        self._invocations += 1
        ids_file = self._settings.private_dir / f"ids-{self._invocations}.json"
        ids_file.write_text(json.dumps(sorted(phase.ids)), "utf-8")
        self._child.send(
            {
                "type": "invoke",
                "command": phase.command,
                "ids_file": str(ids_file),
                "whole": whole,
                "full_refresh": self._settings.full_refresh,
            }
        )

    def cancel_node(self, node_id: str) -> None:
        if self._child is not None:
            self._child.send({"type": "cancel_node", "id": node_id})

    def interrupt(self) -> None:
        self._signal(signal.SIGINT)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def finish(self) -> None:
        if self._child is not None:
            self._child.send({"type": "finish"})
            self._child.cut_lifeline()

    def output(self) -> str:
        return "" if self._child is None else self._child.output.text()

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None:
            self._child.signal_group(number)
