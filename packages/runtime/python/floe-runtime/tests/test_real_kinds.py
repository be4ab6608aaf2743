"""Every kind of node and every way to end, on a real dbt with DuckDB and with both engines."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest
from bundles import PROJECT, make_bundle, write_files
from floe_runtime.node_status import node_status_of
from floe_runtime.plan import Plan
from floe_runtime.run_record import last_results
from runs import ENGINES, run

pytestmark = pytest.mark.dbt

KINDS = {
    "seeds/raw_orders.csv": "id,customer,amount\n1,ann,10\n2,bob,20\n3,ann,30\n",
    "models/stg_orders.sql": "{{ config(materialized='view') }} select * from {{ ref('raw_orders') }}",
    "models/big_orders.sql": (
        "{{ config(materialized='ephemeral') }} select * from {{ ref('stg_orders') }} where amount > 10"
    ),
    "models/orders.sql": "{{ config(materialized='table') }} select * from {{ ref('big_orders') }}",
    "models/history.sql": (
        "{{ config(materialized='incremental', unique_key='id') }} select * from {{ ref('stg_orders') }}"
        "{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}"
    ),
    "models/per_customer.sql": (
        "{{ config(materialized='table') }} "
        "select customer, sum(amount) as amount from {{ ref('stg_orders') }} group by 1"
    ),
    "models/days.sql": (
        "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='day', begin=YESTERDAY,"
        " batch_size='day', lookback=0) }} select * from {{ ref('events') }}"
    ),
    "models/events.sql": (
        "{{ config(materialized='table', event_time='day') }} select timestamp '2026-01-01 10:00:00' as day, 1 as n "
        "union all select timestamp '2026-01-02 10:00:00', 2"
    ),
    "models/schema.yml": """
models:
  - name: orders
    columns:
      - name: id
        data_tests: [not_null, unique]
  - name: stg_orders
    columns:
      - name: amount
        data_tests:
          - accepted_values: {arguments: {values: [10, 20]}, config: {severity: warn}}
unit_tests:
  - name: sums_per_customer
    model: per_customer
    given:
      - input: ref('stg_orders')
        rows: [{customer: ann, amount: 1}, {customer: ann, amount: 2}]
    expect:
      rows: [{customer: ann, amount: 3}]
exposures:
  - name: dashboard
    type: dashboard
    owner: {name: sales}
    depends_on: [ref('orders')]
""",
    "snapshots/orders_snapshot.yml": """
snapshots:
  - name: orders_snapshot
    relation: ref('orders')
    config: {strategy: check, check_cols: [amount], unique_key: id}
""",
    "tests/as_many_orders.sql": (
        "select 1 from (select count(*) as n from {{ ref('orders') }}) a, "
        "(select count(*) as n from {{ ref('history') }}) b where a.n > b.n"
    ),
}
HOOKS = """
on-run-start: ["create table if not exists hook_log (seen timestamp)", "insert into hook_log values (now())"]
on-run-end: ["insert into hook_log values (now())"]
vars: {day: none}
flags: {send_anonymous_usage_stats: false}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    yesterday = "(modules.datetime.date.today() - modules.datetime.timedelta(days=1)).isoformat()"
    files = {name: text.replace("YESTERDAY", yesterday) for name, text in KINDS.items()}
    return make_bundle(tmp_path_factory.mktemp("kinds"), files, project=PROJECT + HOOKS)


def query(bundle: Path, sql: str) -> list[list[object]]:
    """Rows of the warehouse, read by dbt's Python."""
    code = (
        "import duckdb, json, sys; connection = duckdb.connect(sys.argv[1], read_only=True); "
        "print(json.dumps(connection.sql(sys.argv[2]).fetchall()))"
    )
    warehouse = str(bundle.parents[2] / ".data" / "warehouse.duckdb")
    done = subprocess.run(
        [os.environ["FLOE_TEST_DBT_PYTHON"], "-c", code, warehouse, sql],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    rows: list[list[object]] = json.loads(done.stdout)
    return rows


def fingerprint(folder: Path) -> str:
    """Of every file below a folder."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return hashlib.sha256(b"".join(str(file).encode() + file.read_bytes() for file in files)).hexdigest()


@pytest.mark.parametrize("kind", ENGINES)
def test_every_kind_of_node_runs_and_the_bundle_stays_as_it_is(shop: Path, kind: str) -> None:
    before = fingerprint(shop)
    seen = run(shop, kind=kind)
    plan = Plan.read(shop)
    assert seen.record.outcome == "succeeded", seen.log
    assert seen.record.error is None
    assert seen.record.missing == ()
    assert seen.record.planned == len(plan.ids)
    assert set(seen.statuses) == plan.ids
    assert sorted(node for node, _, _ in seen.finished) == sorted(plan.ids)
    assert sorted(seen.started) == sorted(plan.ids)
    warned = {node for node, status in seen.statuses.items() if status == "warned"}
    assert [node for node in warned if "accepted_values" in node] == list(warned)
    assert len(warned) == 1
    assert "model.shop.big_orders" not in seen.statuses
    assert [hook.name for hook in seen.record.hooks] == [
        "shop.on-run-start.0",
        "shop.on-run-start.1",
        "shop.on-run-end.0",
    ]
    assert query(shop, "select sum(amount) from per_customer") == [[60]]
    assert fingerprint(shop) == before
    kept = json.loads((shop.parents[2] / ".data" / ".runs" / "run-1" / "run_results-1.json").read_text("utf-8"))
    assert {result["unique_id"] for result in kept["results"]} >= plan.ids
    if kind == "python":
        rows = {
            node: result.rows for node, result in last_results(seen.record.attempts).items() if result.rows is not None
        }
        assert rows.pop("model.shop.days") == 0
        assert rows == {
            "model.shop.events": 2,
            "model.shop.history": 3,
            "model.shop.orders": 2,
            "model.shop.per_customer": 2,
            "seed.shop.raw_orders": 3,
            "snapshot.shop.orders_snapshot": 2,
        }


@pytest.mark.parametrize("kind", ENGINES)
def test_exactly_the_wanted_nodes_run(shop: Path, kind: str) -> None:
    plan = Plan.read(shop)
    singular = next(check.id for check in plan.checks.values() if check.kind == "singular")
    for wanted in (
        {"model.shop.per_customer", "unit_test.shop.per_customer.sums_per_customer", "model.shop.history"},
        {"unit_test.shop.per_customer.sums_per_customer", singular},
    ):
        seen = run(shop, kind=kind, ids=wanted)
        assert seen.record.outcome == "succeeded", seen.log
        assert sorted(node for node, _, _ in seen.finished) == sorted(wanted)


def test_a_request_without_checks_runs_none(shop: Path) -> None:
    seen = run(shop, ids={"model.shop.orders", *Plan.read(shop).checks}, checks=False)
    assert set(seen.statuses) == {"model.shop.orders"}


def test_what_is_not_in_the_plan_is_refused(shop: Path) -> None:
    seen = run(shop, ids={"model.shop.nope"})
    assert seen.record.outcome == "failed"
    assert seen.record.error is not None
    assert seen.record.error.code == "DEPLOYMENT_STALE"
    stale = run(shop, bundle_hash="sha256:other").record.error
    assert stale is not None
    assert stale.code == "DEPLOYMENT_STALE"


@pytest.mark.parametrize("kind", ENGINES)
def test_other_variables_that_change_the_graph_are_refused_before_anything_runs(tmp_path: Path, kind: str) -> None:
    files = {
        "models/a.sql": "select 1 as id",
        "models/b.sql": "{{ config(enabled=var('with_b', true)) }} select 1 as id",
    }
    bundle = make_bundle(tmp_path, files)
    seen = run(bundle, kind=kind, vars={"with_b": False})
    assert seen.record.outcome == "failed"
    assert seen.record.error is not None
    assert seen.record.error.code == "DBT_MANIFEST_MISMATCH"
    assert "model.shop.b" in seen.record.error.message
    assert seen.finished == []


FAILURES = {
    "models/a.sql": "{{ config(materialized='table') }} select 1 as id",
    "models/bad.sql": "{{ config(materialized='table') }} select no_such_column from {{ ref('a') }}",
    "models/behind.sql": "select * from {{ ref('bad') }}",
    "models/beside.sql": "select * from {{ ref('a') }}",
    "models/tested.sql": "{{ config(materialized='table') }} select 1 as id union all select 1",
    "models/behind_test.sql": "select * from {{ ref('tested') }}",
    "models/wrong.sql": "select 1 as n from {{ ref('a') }}",
    "models/schema.yml": """
models:
  - name: tested
    columns: [{name: id, data_tests: [unique]}]
  - name: bad
    columns: [{name: id, data_tests: [not_null]}]
unit_tests:
  - name: wrong_on_purpose
    model: wrong
    given: [{input: ref('a'), rows: [{id: 1}]}]
    expect: {rows: [{n: 2}]}
""",
}


@pytest.mark.parametrize("kind", ENGINES)
def test_failures_skip_what_is_behind_and_nothing_else(tmp_path: Path, kind: str) -> None:
    seen = run(make_bundle(tmp_path, FAILURES), kind=kind)
    statuses = {
        node.split(".")[2] if node.startswith("model") else node.split(".")[0]: s
        for node, s in seen.statuses.items()
        if not node.startswith("test.")
    }
    assert statuses == {
        "a": "succeeded",
        "bad": "failed",
        "behind": "skipped",
        "beside": "succeeded",
        "tested": "succeeded",
        "behind_test": "skipped",
        "wrong": "skipped",
        "unit_test": "failed",
    }
    tests = {node.split(".")[2]: s for node, s in seen.statuses.items() if node.startswith("test.")}
    assert tests == {"unique_tested_id": "failed", "not_null_bad_id": "skipped"}
    assert seen.record.outcome == "failed"
    assert seen.record.missing == ()
    assert seen.record.error is None
    results = last_results(seen.record.attempts)
    assert "no_such_column" in (results["model.shop.bad"].message or "")
    assert "Traceback" not in seen.record.to_json()
    unique = next(result for node, result in results.items() if "unique_tested" in node)
    assert unique.failures == 1


@pytest.mark.parametrize("kind", ENGINES)
def test_a_project_that_does_not_parse(tmp_path: Path, kind: str) -> None:
    bundle = make_bundle(tmp_path, {"models/a.sql": "select 1 as id"})
    write_files(bundle / "dbt" / "shop", {"models/broken.sql": "select * from {{ ref('nope') }}"})
    seen = run(bundle, kind=kind)
    assert seen.record.outcome == "failed"
    assert seen.record.error is not None
    assert seen.record.error.code == "DBT_PARSE_FAILED"
    assert "nope" in seen.record.error.message
    assert "Traceback" not in seen.record.error.message
    assert seen.record.missing == ("model.shop.a",)


@pytest.mark.parametrize("kind", ENGINES)
def test_hooks_that_fail_make_the_run_fail(tmp_path: Path, kind: str) -> None:
    files = {"models/a.sql": "select 1 as id"}
    bundle = make_bundle(tmp_path, files, project=PROJECT + 'on-run-end: ["select * from no_such_table"]\n')
    seen = run(bundle, kind=kind)
    assert seen.statuses == {"model.shop.a": "succeeded"}
    assert seen.record.outcome == "failed"
    assert [(hook.name, hook.status) for hook in seen.record.hooks] == [("shop.on-run-end.0", "failed")]
    assert seen.record.error is not None
    assert "no_such_table" in seen.record.error.message


@pytest.mark.full
@pytest.mark.parametrize("kind", ENGINES)
def test_fail_fast_of_the_project(tmp_path: Path, kind: str) -> None:
    files = {
        "models/bad.sql": "select no_such_column",
        **{f"models/later_{n}.sql": "select 1 as id" for n in range(6)},
        "models/behind.sql": "select * from {{ ref('bad') }}",
    }
    bundle = make_bundle(tmp_path, files, project=PROJECT + "flags: {fail_fast: true}\n", execution={"threads": 1})
    seen = run(bundle, kind=kind)
    assert seen.record.outcome == "failed"
    assert seen.record.missing == ()
    assert seen.statuses["model.shop.bad"] == "failed"
    assert seen.statuses["model.shop.behind"] == "skipped"
    assert "skipped" in {seen.statuses[f"model.shop.later_{n}"] for n in range(6)}


@pytest.mark.parametrize("kind", ENGINES)
def test_seeds_that_fill_a_source_come_first(tmp_path: Path, kind: str) -> None:
    files = {
        "seeds/raw.csv": "id\n1\n2\n",
        "models/from_source.sql": "{{ config(materialized='table') }} select * from {{ source('landing', 'raw') }}",
        "models/sources.yml": "sources: [{name: landing, schema: main, tables: [{name: raw}]}]\n",
    }
    bundle = make_bundle(tmp_path, files, seeds_first=["seed.shop.raw"])
    seen = run(bundle, kind=kind)
    assert seen.record.outcome == "succeeded", seen.log
    assert seen.started == ["seed.shop.raw", "model.shop.from_source"]
    assert len(seen.attempts) == 1


@pytest.mark.full
def test_fast_test_edges_skip_the_same_nodes_as_dbts_own(tmp_path: Path) -> None:
    files = {
        **FAILURES,
        "models/other.sql": "{{ config(materialized='table') }} select 1 as id",
        "tests/on_two.sql": "select 1 from {{ ref('a') }} union all select 1 from {{ ref('other') }}",
        "models/behind_both.sql": "select 1 as n from {{ ref('a') }} union all select 1 from {{ ref('other') }}",
        "models/behind_one.sql": "select * from {{ ref('other') }}",
        "models/later.sql": "select * from {{ ref('behind_both') }}",
    }
    bundle = make_bundle(tmp_path, files)
    ours = run(bundle).statuses
    (tmp_path / "bare").mkdir()
    folders = ["--project-dir", str(bundle / "dbt" / "shop"), "--profiles-dir", str(bundle / "profiles")]
    subprocess.run(
        [os.environ["FLOE_TEST_DBT_PYTHON"], "-m", "dbt.cli.main", "build", *folders, "--target-path", str(tmp_path)],
        env={**os.environ, "FLOE_DATA_DIR": str(tmp_path / "bare"), "DBT_LOG_PATH": str(tmp_path)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    results = json.loads((tmp_path / "run_results.json").read_text("utf-8"))["results"]
    assert ours == {result["unique_id"]: node_status_of(result["status"]) for result in results}
    assert ours["model.shop.later"] == "skipped"
    assert ours["model.shop.behind_one"] == "succeeded"
    lasting = {node for node, status in ours.items() if status == "failed"}
    skipped = {node for node, status in ours.items() if status == "skipped"}
    assert Plan.read(bundle).dependents_of(lasting) == skipped
