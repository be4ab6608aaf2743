"""The same promises on PostgreSQL: no query is left on the server."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bundles import make_bundle
from floe_runtime.dbt_run import DbtRun
from floe_runtime.run_record import last_results
from postgres_server import PostgresServer, postgres_binaries, postgres_server
from runs import ENGINES, run, wait_until
from test_real_endings import GRACE, children, nothing_left, start_adapter, when_long_runs

pytestmark = pytest.mark.postgres

FILES = {
    "seeds/numbers.csv": "n\n1\n2\n3\n",
    "models/first.sql": "{{ config(materialized='table') }} select * from {{ ref('numbers') }}",
    "models/long.sql": (
        "-- depends_on: {{ ref('first') }}\n{{ config(materialized='table') }} select 1 as id from pg_sleep(600)"
    ),
    "models/behind.sql": "select * from {{ ref('long') }}",
    "models/beside.sql": "{{ config(materialized='view') }} select * from {{ ref('first') }}",
    "models/schema.yml": "models: [{name: first, columns: [{name: n, data_tests: [not_null]}]}]\n",
}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres_server(binaries) as running:
        yield running


@pytest.fixture(scope="module")
def slow(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    python, os.environ["FLOE_TEST_DBT_PYTHON"] = (
        os.environ["FLOE_TEST_DBT_PYTHON"],
        os.environ["FLOE_TEST_POSTGRES_PYTHON"],
    )
    os.environ["SHOP_PASSWORD"] = "canary-of-the-password"
    try:
        yield make_bundle(tmp_path_factory.mktemp("slow"), FILES, profile=server.profile)
    finally:
        os.environ["FLOE_TEST_DBT_PYTHON"] = python
        del os.environ["SHOP_PASSWORD"]


def test_rows_come_from_the_adapter(slow: Path, server: PostgresServer) -> None:
    seen = run(slow, ids={"seed.shop.numbers", "model.shop.first", "model.shop.beside"})
    assert seen.record.outcome == "succeeded", seen.log
    rows = {node: result.rows for node, result in last_results(seen.record.attempts).items()}
    assert rows == {"seed.shop.numbers": 3, "model.shop.first": 3, "model.shop.beside": None}
    assert server.sql("select count(*) from shop.first") == "3"


@pytest.mark.parametrize("kind", ENGINES)
def test_cancel_ends_the_query(slow: Path, server: PostgresServer, kind: str) -> None:
    asked: list[float] = []
    queries: list[str] = []

    def cancel(dbt_run: DbtRun) -> None:
        asked.append(time.monotonic())
        queries.extend(server.running_queries())
        dbt_run.cancel()

    seen = run(slow, kind=kind, on_event=when_long_runs(cancel), timeout=60)
    assert any("pg_sleep" in query for query in queries)
    assert time.monotonic() - asked[0] < GRACE + 5
    assert server.running_queries() == []
    assert nothing_left(slow)
    assert seen.record.outcome == "cancelled"
    assert seen.statuses["model.shop.first"] == "succeeded"
    assert seen.statuses["model.shop.long"] == "cancelled"


@pytest.mark.parametrize("kind", ENGINES)
def test_a_node_is_stopped_at_its_limit_and_the_rest_goes_on(slow: Path, server: PostgresServer, kind: str) -> None:
    seen = run(slow, kind=kind, node_timeout=5)
    assert seen.record.outcome == "failed"
    statuses = {node: status for node, status in seen.statuses.items() if node.startswith("model.")}
    assert statuses == {
        "model.shop.first": "succeeded",
        "model.shop.long": "failed",
        "model.shop.behind": "skipped",
        "model.shop.beside": "succeeded",
    }
    assert server.running_queries() == []


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("victims", ["the adapter", "the child", "both"])
def test_kill_9_leaves_no_query(slow: Path, server: PostgresServer, victims: str, kind: str) -> None:
    adapter = start_adapter(slow, kind)
    [child] = [pid for pid, command in children(slow) if kind == "python" or "command_guard" in command]
    assert any("pg_sleep" in query for query in server.running_queries())
    if victims != "the child":
        adapter.kill()
    if victims != "the adapter":
        os.kill(child, signal.SIGKILL)
    adapter.wait(GRACE + 5)
    assert adapter.stdout is not None
    adapter.stdout.close()
    assert wait_until(lambda: children(slow) == [] and server.running_queries() == [], GRACE + 5)
    assert server.sql("select count(*) from shop.first") == "3"
    assert server.sql("select count(*) from pg_locks where locktype = 'relation' and pid <> pg_backend_pid()") == "0"


def test_a_lost_connection_is_retried(slow: Path, server: PostgresServer) -> None:
    killed: list[str] = []

    def end_backend(_run: DbtRun) -> None:
        if not killed:
            others = "query like '%pg_sleep%' and pid <> pg_backend_pid()"
            killed.append(server.sql(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}"))

    seen = run(
        slow, on_event=when_long_runs(end_backend), ids={"model.shop.first", "model.shop.long"}, retries=1, timeout=40
    )
    assert killed == ["t"]
    assert [attempt.ids for attempt in seen.attempts] == [{"model.shop.first", "model.shop.long"}, {"model.shop.long"}]
    assert seen.record.attempts[0].nodes[-1].status == "failed"
    assert seen.record.outcome == "timed_out"


def test_a_server_that_is_not_there(slow: Path, tmp_path: Path, server: PostgresServer) -> None:
    bundle = make_bundle(tmp_path, FILES, profile=server.profile.replace(f"port: {server.port}", "port: 1"))
    seen = run(bundle)
    assert seen.record.outcome == "failed"
    assert seen.record.error is not None
    assert "refused" in seen.record.error.message
    assert "canary" not in seen.record.to_json() + seen.log
