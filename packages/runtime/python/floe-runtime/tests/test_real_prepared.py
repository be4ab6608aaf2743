"""A child that is started ahead of its run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bundles import make_bundle
from floe_runtime.dbt_run import DbtRun
from floe_runtime.floe_dbt_engine import FloeDbtEngine
from floe_runtime.plan import Plan
from floe_runtime.run_events import NodeFinished
from floe_runtime.run_request import RunRequest
from runs import processes_of, wait_until

pytestmark = pytest.mark.dbt


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("prepared"), {"models/first.sql": "select 1 as id"})


def prepared(bundle: Path) -> FloeDbtEngine:
    engine = FloeDbtEngine()
    engine.prepare(Plan.read(bundle))
    return engine


def child_of(engine: FloeDbtEngine) -> int:
    child = engine._child
    assert child is not None
    return child.pid


def test_it_runs_with_the_settings_of_its_run(bundle: Path) -> None:
    engine = prepared(bundle)
    pid = child_of(engine)
    with DbtRun(Plan.read(bundle), RunRequest(key="run-1"), engine=engine) as run:
        ends = [event.result.status for event in run.events() if isinstance(event, NodeFinished)]
    assert run.record.outcome == "succeeded"
    assert ends == ["succeeded"]
    assert child_of(engine) == pid, "the run used the child that was there"


def test_a_child_that_died_meanwhile_is_told(bundle: Path) -> None:
    engine = prepared(bundle)
    os.kill(child_of(engine), signal.SIGKILL)
    with DbtRun(Plan.read(bundle), RunRequest(key="run-1"), engine=engine) as run:
        list(run.events())
    assert run.record.outcome == "failed"
    assert run.record.error is not None
    assert run.record.missing == ("model.shop.first",)


def test_a_child_that_is_never_used_ends_with_its_process(bundle: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from floe_runtime.create_engine import prepared_engine; from floe_runtime.plan import Plan\n"
        "engine = prepared_engine(Plan.read(Path(sys.argv[1]))); print(engine._child.pid)"
    )
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(bundle)], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    pid = int(done.stdout)
    assert wait_until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in state_of(pid), 20)
    assert processes_of(str(tmp_path)) == []


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"
