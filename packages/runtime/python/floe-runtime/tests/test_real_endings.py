"""Cancel, time limits and kills on a real dbt with DuckDB: what is left, and what is said."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bundles import make_bundle, write_files
from floe_runtime.dbt_run import DbtRun
from floe_runtime.plan import Plan
from floe_runtime.run_events import LogLine, NodeStarted, RunEvent
from floe_runtime.run_record import last_results
from floe_runtime.run_request import RunRequest
from runs import ENGINES, OnEvent, processes_of, run, wait_until
from test_real_kinds import query

pytestmark = pytest.mark.dbt

LONG = "{{ config(materialized='table') }} select sum(a.range * b.range) as n from range(10000000) a, range(1000000) b"
FILES = {
    "models/first.sql": "{{ config(materialized='table') }} select 1 as id",
    "models/long.sql": f"-- depends_on: {{{{ ref('first') }}}}\n{LONG}",
    "models/behind.sql": "select * from {{ ref('long') }}",
    "models/beside.sql": "{{ config(materialized='table') }} select * from {{ ref('first') }}",
}
GRACE = 10


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("slow"), FILES)


def nothing_left(bundle: Path) -> bool:
    return processes_of(str(bundle)) == []


def when_long_runs(action: Callable[[DbtRun], None]) -> OnEvent:
    """Calls `action(run)` one second after the long model began."""

    def on_event(dbt_run: DbtRun, event: RunEvent) -> None:
        if isinstance(event, NodeStarted) and event.id == "model.shop.long":
            threading.Timer(1, action, (dbt_run,)).start()

    return on_event


@pytest.mark.parametrize("kind", ENGINES)
def test_cancel_leaves_nothing_and_tells_the_truth(
    slow: Path, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def cancel(dbt_run: DbtRun) -> None:
        asked.append(time.monotonic())
        dbt_run.cancel()

    # A folder of its own: other runs on this machine have theirs in the usual one.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen = run(slow, kind=kind, on_event=when_long_runs(cancel))
    assert list(tmp_path.glob("floe-run-*")) == []
    assert time.monotonic() - asked[0] < GRACE + 5
    assert nothing_left(slow)
    assert seen.record.outcome == "cancelled"
    assert seen.statuses["model.shop.first"] == "succeeded"
    assert seen.statuses["model.shop.long"] == "cancelled"
    assert "model.shop.behind" in seen.record.missing
    assert query(slow, "select count(*) from first") == [[1]]


@pytest.mark.full
def test_leaving_the_block_early_cancels(slow: Path) -> None:
    with DbtRun(Plan.read(slow), RunRequest(key="run-1")) as dbt_run:
        for event in dbt_run.events():
            if isinstance(event, NodeStarted) and event.id == "model.shop.long":
                break
    assert dbt_run.record.outcome == "cancelled"
    assert nothing_left(slow)


@pytest.mark.parametrize("kind", ENGINES)
def test_a_node_is_stopped_at_its_limit_and_the_rest_goes_on(slow: Path, kind: str) -> None:
    seen = run(slow, kind=kind, node_timeout=6)
    assert seen.record.outcome == "failed"
    assert seen.statuses == {
        "model.shop.first": "succeeded",
        "model.shop.long": "failed",
        "model.shop.behind": "skipped",
        "model.shop.beside": "succeeded",
    }
    result = last_results(seen.record.attempts)["model.shop.long"]
    assert result.message == "stopped by its time limit of 6 s"
    assert nothing_left(slow)


@pytest.mark.full
def test_every_batch_of_a_model_is_stopped_at_its_limit(tmp_path: Path) -> None:
    begin = "(modules.datetime.date.today() - modules.datetime.timedelta(days=2)).isoformat()"
    settings = (
        "materialized='incremental', incremental_strategy='microbatch', event_time='day', batch_size='day', lookback=0,"
        f" concurrent_batches=false, begin={begin}"
    )
    slow_sql = LONG.partition("}} ")[2].replace("as n", "as n, timestamp '2026-01-01' as day")
    files = {
        "models/first.sql": FILES["models/first.sql"],
        "models/days.sql": f"-- depends_on: {{{{ ref('first') }}}}\n{{{{ config({settings}) }}}} {slow_sql}",
        "models/beside.sql": FILES["models/beside.sql"],
    }
    bundle = make_bundle(tmp_path, files)
    seen = run(bundle, node_timeout=6)
    assert seen.record.error is None
    assert seen.record.outcome == "failed"
    assert seen.statuses == {
        "model.shop.first": "succeeded",
        "model.shop.days": "failed",
        "model.shop.beside": "succeeded",
    }
    assert nothing_left(bundle)


@pytest.mark.full
def test_the_time_limit_of_the_run(slow: Path) -> None:
    seen = run(slow, timeout=20)
    assert seen.record.outcome == "timed_out"
    assert 20 <= seen.seconds < 20 + GRACE + 5
    assert seen.statuses["model.shop.long"] == "cancelled"
    assert nothing_left(slow)


@pytest.mark.parametrize("kind", ENGINES)
def test_the_child_is_killed(slow: Path, kind: str) -> None:
    def kill(_run: DbtRun) -> None:
        # with the command engine, dbt's own process; else the child
        pids = [pid for pid, command in children(slow) if "command_guard" not in command]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    seen = run(slow, kind=kind, on_event=when_long_runs(kill))
    assert seen.record.outcome == "failed"
    assert seen.record.error is not None
    assert seen.record.error.code == "RUN_LOST"
    assert "signal 9" in seen.record.error.message
    assert seen.statuses["model.shop.first"] == "succeeded"
    assert seen.statuses["model.shop.long"] == "cancelled"
    assert "model.shop.behind" in seen.record.missing
    assert nothing_left(slow)


ADAPTER = """
import os, sys
sys.path.insert(0, os.environ["FLOE_TEST_FOLDER"])
from pathlib import Path
from runs import run
from floe_runtime.run_events import NodeStarted
def told(dbt_run, event):
    if isinstance(event, NodeStarted):
        print(event.id, flush=True)
run(Path(sys.argv[1]), kind=sys.argv[2], on_event=told)
"""


def start_adapter(bundle: Path, kind: str, temporary: Path | None = None) -> subprocess.Popen[str]:
    """An adapter in a process of its own, up to the long model; `temporary` is its folder for private files."""
    adapter = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ADAPTER), str(bundle), kind],
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "FLOE_TEST_FOLDER": str(Path(__file__).parent),
            **({} if temporary is None else {"TMPDIR": str(temporary)}),
        },
    )
    assert adapter.stdout is not None
    for line in adapter.stdout:
        if line.strip() == "model.shop.long":
            break
    time.sleep(1)
    return adapter


def children(bundle: Path) -> list[tuple[int, str]]:
    """Processes that work on the bundle, without this one and the adapter."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            directory = str((entry / "cwd").readlink())
        except OSError:
            continue
        is_dbt = "floe_dbt" in command or "dbt.cli.main" in command
        if is_dbt and (str(bundle) in command or directory.startswith(str(bundle))):
            found.append((int(entry.name), command))
    return found


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("victims", ["the adapter", pytest.param("both", marks=pytest.mark.full)])
def test_kill_9_leaves_no_process_and_no_lock(slow: Path, tmp_path: Path, kind: str, victims: str) -> None:
    adapter = start_adapter(slow, kind, tmp_path)
    workers = children(slow)
    assert workers
    adapter.kill()
    if victims == "both":
        os.kill(next(pid for pid, command in workers if kind == "python" or "command_guard" in command), signal.SIGKILL)
    adapter.wait(10)
    assert adapter.stdout is not None
    adapter.stdout.close()
    assert wait_until(lambda: children(slow) == [], GRACE + 5), children(slow)
    if kind == "python" and victims == "the adapter":
        assert list(tmp_path.glob("floe-run-*")) == []
    assert query(slow, "select count(*) from first") == [[1]]


def test_a_python_that_has_no_dbt_is_named(slow: Path, tmp_path: Path) -> None:
    text = (slow / "pipeline.json").read_text("utf-8")
    for python in (sys.executable, "/no/such/python"):
        other = tmp_path / "bundle"
        other.mkdir(exist_ok=True)
        (other / "pipeline.json").write_text(text.replace(os.environ["FLOE_TEST_DBT_PYTHON"], python), "utf-8")
        (other / "profiles").mkdir(exist_ok=True)
        (other / "dbt" / "shop").mkdir(parents=True, exist_ok=True)
        seen = run(other, environ={"PYTHONPATH": "", "FLOE_DATA_DIR": str(tmp_path / "data")})
        assert seen.record.outcome == "failed"
        assert seen.record.error is not None
        assert seen.record.error.code == "PYTHON_ENVIRONMENT_FAILED"


@pytest.mark.full
def test_a_run_that_finds_the_duckdb_file_locked_tries_again(slow: Path, tmp_path: Path) -> None:
    code = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [os.environ["FLOE_TEST_DBT_PYTHON"], "-c", code, str(tmp_path / "warehouse.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def let_go(_run: DbtRun, event: RunEvent) -> None:
        if isinstance(event, LogLine) and "run again in" in event.text:
            holder.communicate(timeout=10)

    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        environ = {"FLOE_DATA_DIR": str(tmp_path)}
        seen = run(slow, ids={"model.shop.first"}, retries=2, environ=environ, on_event=let_go)
    finally:
        holder.kill()
        holder.wait(10)
    assert seen.record.outcome == "succeeded", seen.log
    assert seen.record.error is None
    assert [len(attempt.nodes) for attempt in seen.record.attempts] == [0, 1]


@pytest.mark.full
def test_two_runs_of_one_project_side_by_side(slow: Path, tmp_path: Path) -> None:
    wanted = {"model.shop.first", "model.shop.beside"}
    with ThreadPoolExecutor(2) as pool:
        folders = [str(tmp_path / "one"), str(tmp_path / "two")]
        seen = list(pool.map(lambda folder: run(slow, ids=wanted, environ={"FLOE_DATA_DIR": folder}), folders))
    assert [one.record.outcome for one in seen] == ["succeeded", "succeeded"], seen[0].log + seen[1].log
    assert [set(one.statuses) for one in seen] == [wanted, wanted]


@pytest.mark.full
def test_the_partial_parse_is_shared_between_runs(slow: Path, tmp_path: Path) -> None:
    environ = {"FLOE_DATA_DIR": str(tmp_path)}
    run(slow, ids={"model.shop.first"}, environ=environ)
    [made] = tmp_path.glob(".partial-parse/*/*.msgpack")
    written = made.stat().st_mtime_ns
    again = run(slow, ids={"model.shop.first"}, environ=environ)
    assert again.record.outcome == "succeeded"
    assert made.stat().st_mtime_ns == written
    run(slow, ids={"model.shop.first"}, environ=environ, vars={"other": 1})
    assert len(list(tmp_path.glob(".partial-parse/*/*.msgpack"))) == 2


@pytest.mark.full
def test_a_new_deployment_reads_its_own_seeds(tmp_path: Path) -> None:
    def seed(text: str) -> str:
        # above one MiB dbt does not look into the file to see whether it has changed
        return "id,text\n" + "".join(f"{n},{text * 10}\n" for n in range(20_000))

    files = {
        "seeds/large.csv": seed("first"),
        "seeds/small.csv": "id\n1\n",
        "models/texts.sql": "{{ config(materialized='table') }} select distinct text from {{ ref('large') }}",
    }
    first = make_bundle(tmp_path, files)
    assert run(first).record.outcome == "succeeded"
    second = first.with_name("ba9876543210")
    shutil.copytree(first, second)
    shutil.rmtree(first)
    write_files(second / "dbt" / "shop", {"seeds/large.csv": seed("other")})
    seen = run(second, full_refresh=True)
    assert seen.record.outcome == "succeeded", seen.log
    assert query(second, "select text from texts") == [["other" * 10]]
