"""The second engine: a `dbt` command with JSON log lines (dbt Core, Fusion), one process for each invocation."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from floe_runtime.child import ChildProcess
from floe_runtime.dbt_arguments import invocation_arguments, project_arguments
from floe_runtime.dbt_events import DbtEvents
from floe_runtime.engine import EngineSettings
from floe_runtime.engine_messages import EngineItem, Exited, InvocationDone, Log
from floe_runtime.phases import Phase
from floe_runtime.protocol import ChildFailure, Hello, NotUnderstood, Ready

_LOGGING = ("--log-format", "json", "--log-level", "debug")
_INTERRUPTED = frozenset({128 + signal.SIGINT, 130})


class DbtCommandEngine:
    """Slower than the usual engine (each invocation starts and parses anew), but needs nothing from dbt's Python."""

    cancels_nodes = False

    def __init__(self, command: Sequence[str] = ("dbt",)) -> None:
        """`command` is the dbt program, with leading arguments if it needs some."""
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._child: ChildProcess | None = None
        self._settings: EngineSettings | None = None
        self._put: Callable[[EngineItem], None] = lambda _item: None
        self._events = DbtEvents()
        self._invocations = 0
        self._interrupts = False
        self._failure = ""
        self._exited = False

    def start(self, settings: EngineSettings, put: Callable[[EngineItem], None]) -> None:
        """Runs `dbt parse`."""
        self._settings = settings
        self._put = put
        self._run(["parse", *project_arguments(settings), *_LOGGING], "parse")

    def invoke(self, phase: Phase) -> None:
        """Runs `dbt build` or `dbt test`."""
        if self._settings is None:
            return
        self._invocations += 1
        self._events.reset()
        state = self._settings.private_dir / f"selection-{self._invocations}"
        (self._settings.private_dir / "target" / "run_results.json").unlink(missing_ok=True)
        try:
            self._run([*invocation_arguments(self._settings, phase, state), *_LOGGING], "invoke")
        except OSError as error:
            failure = ChildFailure("dbt", f"cannot start {self._command[0]}: {error.strerror}")
            self._put(InvocationDone(False, failure=failure))

    def cancel_node(self, node_id: str) -> None:
        """A command cannot do that; see `cancels_nodes`."""

    def interrupt(self) -> None:
        """SIGINT: dbt cancels its queries."""
        self._interrupts = True
        self._signal(signal.SIGINT)

    def terminate(self) -> None:
        """SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the group."""
        self._signal(signal.SIGKILL)

    def finish(self) -> None:
        """Nothing to close: the last command has ended, or is interrupted."""
        self._signal(signal.SIGINT)

    def output(self) -> str:
        """What the last command wrote to its standard error."""
        return "" if self._child is None else self._child.output.text()

    def _run(self, arguments: Sequence[str], stage: Literal["parse", "invoke"]) -> None:
        settings = self._settings
        if settings is None:
            return
        self._failure, self._interrupts = "", False
        guard = [sys.executable, "-m", "floe_runtime.command_guard"]
        tail = [str(settings.grace), *self._command, *arguments]
        with self._lock:
            if self._exited:
                return
            self._child = ChildProcess(
                lambda events: [*guard, str(events), *tail],
                environ=_environ_of(settings),
                directory=settings.plan.dbt.project_dir,
                on_line=self._take,
                on_end=lambda code: self._ended(code, stage),
                grace=settings.grace,
            )

    def _take(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").strip()
        try:
            event = json.loads(text)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict) or not isinstance(event.get("info"), dict):
            self._put(NotUnderstood(text))
            return
        info, data = event["info"], event.get("data")
        known: Mapping[str, Any] = data if isinstance(data, dict) else {}
        if info.get("name") == "MainReportVersion" and self._invocations == 0:
            self._put(Hello(str(known.get("version", "")).lstrip("=")))
        if info.get("name") == "MainEncounteredError":
            self._failure = str(known.get("exc") or info.get("msg") or "")
        for item in self._events.messages(info, known):
            self._put(item)

    def _ended(self, code: int, stage: Literal["parse", "invoke"]) -> None:
        lost = code < 0 or (code > 128 and code not in _INTERRUPTED)
        if lost and not self._interrupts:
            self._leave(code if code < 0 else 128 - code)
        elif stage == "parse":
            self._parsed(code)
        else:
            results, readable = self._results()
            failure = None
            if self._interrupts or code in _INTERRUPTED:
                failure = ChildFailure("interrupted", "interrupted")
            elif code != 0 and not readable:
                failure = ChildFailure("dbt", self._failure or self._last_output() or f"dbt ended with {code}")
            leftovers, hooks = self._events.leftovers(results)
            self._put(InvocationDone(code == 0, leftovers, hooks, failure))

    def _parsed(self, code: int) -> None:
        settings = self._settings
        if settings is None:
            return
        manifest = _read_object(settings.private_dir / "target" / "manifest.json")
        if code != 0 or not manifest:
            message = self._failure or self._last_output() or f"dbt parse ended with {code}"
            self._put(Log("error", message))
            self._put(InvocationDone(False, failure=ChildFailure("parse", message)))
            return
        known = {*_object(manifest.get("nodes")), *_object(manifest.get("unit_tests"))}
        self._put(Ready(tuple(sorted(settings.planned - known))))

    def _results(self) -> tuple[list[Mapping[str, Any]], bool]:
        settings = self._settings
        if settings is None:
            return [], False
        document = _read_object(settings.private_dir / "target" / "run_results.json")
        entries = document.get("results")
        if not isinstance(entries, list):
            return [], False
        return [entry for entry in entries if isinstance(entry, dict)], True

    def _last_output(self) -> str:
        lines = self.output().strip().splitlines()
        return lines[-1] if lines else ""

    def _signal(self, number: signal.Signals) -> None:
        with self._lock:
            child = self._child
        if child is None or child.ended:
            self._leave(0)
        else:
            child.signal_group(number)

    def _leave(self, code: int) -> None:
        with self._lock:
            first, self._exited = not self._exited, True
        if first:
            self._put(Exited(code))


def _environ_of(settings: EngineSettings) -> dict[str, str]:
    environ = {**settings.environ, "DBT_LOG_LEVEL_FILE": "none", "DBT_VERSION_CHECK": "false"}
    if settings.plan.dbt.adapter == "postgres":
        # So that a killed dbt leaves no query behind; PostgreSQL 14 and later. Who sets the variable decides.
        environ.setdefault("PGOPTIONS", os.environ.get("PGOPTIONS", "-c client_connection_check_interval=2s"))
    return environ


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _read_object(file: Path) -> Mapping[str, Any]:
    try:
        return _object(json.loads(file.read_bytes()))
    except (OSError, ValueError):
        return {}
