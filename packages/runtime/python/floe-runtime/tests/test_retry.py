"""Which nodes run again."""

from __future__ import annotations

from pathlib import Path

import pytest
from floe_runtime.error_classes import error_class
from floe_runtime.node_status import NodeStatus
from floe_runtime.plan import DbtCall, Plan, PlannedCheck, PlannedNode
from floe_runtime.retry import RetryPolicy, nodes_to_retry
from floe_runtime.run_record import NodeResult

LOST = "Database Error in model b\n  server closed the connection unexpectedly"
SQL = 'Runtime Error in model b\n  Binder Error: Referenced column "x" not found'


def plan(edges: dict[str, list[str]], checks: dict[str, tuple[str, list[str]]] | None = None) -> Plan:
    """Nodes with their upstream; checks with kind and parents."""
    nowhere = Path("/nowhere")
    return Plan(
        bundle_dir=nowhere,
        bundle_hash=None,
        product="shop",
        environment="dev",
        dbt=DbtCall("shop", "shop", "dev", "duckdb", {}, nowhere, nowhere),
        nodes={name: PlannedNode(name, "model", name, "table", None, tuple(up)) for name, up in edges.items()},
        checks={
            name: PlannedCheck(name, name, kind, parents[0], tuple(parents[1:]), "error")
            for name, (kind, parents) in (checks or {}).items()
        },
        seeds_first=(),
    )


def results(**statuses: tuple[NodeStatus, str] | NodeStatus) -> dict[str, NodeResult]:
    """Results by node; dbt's word follows from the status."""
    words: dict[str, str] = {"failed": "error", "succeeded": "success", "skipped": "skipped", "cancelled": "error"}
    found = {}
    for name, given in statuses.items():
        status, message = given if isinstance(given, tuple) else (given, "")
        found[name] = NodeResult(id=name, status=status, dbt_status=words[status], message=message)
    return found


CHAIN = plan({"a": [], "b": ["a"], "c": ["b"], "d": ["c"]})


def again(
    product: Plan, last: dict[str, NodeResult], data_errors: bool = False, failure: str | None = None
) -> set[str]:
    return set(nodes_to_retry(product, product.ids, last, RetryPolicy(max=1, data_errors=data_errors), failure))


def test_a_lost_connection_is_retried_with_what_waits_behind_it() -> None:
    last = results(a="succeeded", b=("failed", LOST), c="skipped", d="skipped")
    assert again(CHAIN, last) == {"b", "c", "d"}


def test_a_sql_error_is_retried_only_when_the_policy_says_so() -> None:
    last = results(a="succeeded", b=("failed", SQL), c="skipped", d="skipped")
    assert again(CHAIN, last) == set()
    assert again(CHAIN, last, data_errors=True) == {"b", "c", "d"}


def test_nothing_behind_a_lasting_failure_runs_on_old_data() -> None:
    two = plan({"a": [], "b": [], "c": ["a", "b"], "d": ["b"]})
    last = results(a=("failed", SQL), b=("failed", LOST), c="skipped", d="skipped")
    assert again(two, last) == {"b", "d"}


def test_success_is_never_run_again() -> None:
    assert again(CHAIN, results(a="succeeded", b="succeeded", c="succeeded", d="succeeded"), data_errors=True) == set()


def test_a_failed_test_holds_back_what_its_model_feeds() -> None:
    product = plan({"a": [], "b": ["a"], "x": []}, {"t": ("generic", ["a"])})
    last = results(a="succeeded", x=("failed", LOST), b="skipped")
    last["t"] = NodeResult(id="t", status="failed", dbt_status="fail", message="Got 1 result")
    assert again(product, last) == {"x"}


def test_a_test_on_two_parents_holds_back_only_what_depends_on_both() -> None:
    product = plan(
        {"a": [], "b": [], "only_a": ["a"], "both": ["a", "b"], "later": ["both"]}, {"t": ("generic", ["a", "b"])}
    )
    assert product.dependents_of({"t"}) == {"both", "later"}


def test_a_failed_unit_test_holds_back_its_model() -> None:
    product = plan({"a": [], "b": ["a"], "c": ["b"]}, {"u": ("unit", ["b"]), "t": ("generic", ["b"])})
    assert product.dependents_of({"u"}) == {"b", "c", "t"}


def test_a_node_that_was_cut_off_runs_again_without_being_a_failure_of_its_own() -> None:
    last = results(a="cancelled", b="skipped", c="skipped", d="skipped")
    assert again(CHAIN, last) == {"a", "b", "c", "d"}


def test_a_lock_at_the_start_runs_everything_again() -> None:
    failure = 'IO Error: Could not set lock on file "/data/w.duckdb": Conflicting lock is held'
    assert again(CHAIN, {}, failure=failure) == {"a", "b", "c", "d"}
    assert again(CHAIN, {}, failure="Compilation Error: no such macro") == set()


@pytest.mark.parametrize(
    "message",
    [
        'could not connect to server: Connection refused\n\tIs the server running on host "db"?',
        'connection to server at "127.0.0.1", port 5432 failed: Connection refused',
        "server closed the connection unexpectedly",
        "terminating connection due to administrator command",
        "SSL SYSCALL error: EOF detected",
        "FATAL: the database system is starting up",
        "FATAL: sorry, too many clients already",
        "FATAL: remaining connection slots are reserved",
        "deadlock detected",
        "could not serialize access due to concurrent update",
        "canceling statement due to lock timeout",
        "canceling statement due to statement timeout",
        'IO Error: Could not set lock on file "x.duckdb": Conflicting lock is held in PID 1',
        "TransactionContext Error: Failed to commit: write-write conflict on key",
        "HTTP 503: Service Unavailable",
        "stopped by its time limit of 5 s",
    ],
)
def test_transient_errors(message: str) -> None:
    assert error_class("error", message) == "transient"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("error", 'Binder Error: Referenced column "lock" not found'),
        ("error", 'column "timeout" does not exist'),
        ("error", "Compilation Error: depends on a node named 'deadlocks'"),
        ("error", "Conversion Error: Could not convert string '503' to INT32"),
        ("error", 'duplicate key value violates unique constraint "x"'),
        ("error", None),
        ("fail", "Got 1 result, configured to fail if != 0: connection refused"),
        ("partial success", "PARTIAL SUCCESS (1/4)"),
    ],
)
def test_data_errors(status: str, message: str | None) -> None:
    assert error_class(status, message) == "data"
