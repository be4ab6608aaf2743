"""Runs a bundle and collects what it tells."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from floe_runtime.dbt_command_engine import DbtCommandEngine
from floe_runtime.dbt_run import DbtRun
from floe_runtime.engine import Engine
from floe_runtime.floe_dbt_engine import FloeDbtEngine
from floe_runtime.plan import Plan
from floe_runtime.run_events import AttemptStarted, LogLine, NodeFinished, NodeStarted, RunEvent
from floe_runtime.run_record import RunRecord, last_results
from floe_runtime.run_request import RunRequest

OnEvent = Callable[[DbtRun, RunEvent], None]

ENGINES = ("python", pytest.param("command", marks=pytest.mark.full))
"""The second engine in the long matrix only: each of its invocations starts dbt anew."""


def engine(kind: str) -> Engine:
    """The engine under test."""
    if kind == "python":
        return FloeDbtEngine()
    return DbtCommandEngine((os.environ["FLOE_TEST_DBT_PYTHON"], "-m", "dbt.cli.main"))


@dataclass
class Seen:
    """Everything that a run told."""

    record: RunRecord
    seconds: float
    events: list[RunEvent] = field(default_factory=list)

    @property
    def statuses(self) -> dict[str, str]:
        """The last status of each node in the record."""
        return {node_id: result.status for node_id, result in last_results(self.record.attempts).items()}

    @property
    def finished(self) -> list[tuple[str, str, int]]:
        """id, status and attempt of each end, in order."""
        ends = [event for event in self.events if isinstance(event, NodeFinished)]
        return [(end.result.id, end.result.status, end.attempt) for end in ends]

    @property
    def started(self) -> list[str]:
        """ids in the order of their start."""
        return [event.id for event in self.events if isinstance(event, NodeStarted)]

    @property
    def attempts(self) -> list[AttemptStarted]:
        """The attempts."""
        return [event for event in self.events if isinstance(event, AttemptStarted)]

    @property
    def log(self) -> str:
        """All log lines."""
        return "\n".join(event.text for event in self.events if isinstance(event, LogLine))


def run(
    bundle: Path,
    *,
    kind: str = "python",
    ids: set[str] | None = None,
    on_event: OnEvent | None = None,
    cancel_grace: float = 10,
    environ: dict[str, str] | None = None,
    **request: Any,
) -> Seen:
    """One run to its end."""
    began = time.monotonic()
    events = []
    with DbtRun(
        Plan.read(bundle),
        RunRequest(key="run-1", **request),
        None if ids is None else frozenset(ids),
        engine=engine(kind),
        cancel_grace=cancel_grace,
        environ={**os.environ, **(environ or {})},
    ) as dbt_run:
        for event in dbt_run.events():
            events.append(event)
            if on_event is not None:
                on_event(dbt_run, event)
    return Seen(dbt_run.record, time.monotonic() - began, events)


def processes_of(folder: str) -> list[str]:
    """Command lines of living processes that name the folder, or were started by floe."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                state = (entry / "stat").read_text("utf-8").rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if folder in command and state != "Z":
                found.append(command)
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """True as soon as the condition holds; False when it does not within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()
