"""Whatever bytes the child writes, the run ends, says so, and is not green without its nodes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from floe_runtime.child import OutputTail
from floe_runtime.engine_messages import EngineItem, Exited
from floe_runtime.floe_dbt_engine import FloeDbtEngine
from floe_runtime.node_status import is_successful
from floe_runtime.protocol import DbtDone, Hello, NotUnderstood, Ready, Refused, parse_line
from floe_runtime.run_record import last_results
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import ScriptedEngine, supervise
from test_supervisor import chain


def line(**fields: Any) -> bytes:
    return json.dumps({"protocol": 1, **fields}).encode() + b"\n"


def test_known_lines() -> None:
    assert parse_line(line(type="hello", dbt_version="1.11")) == Hello("1.11")
    assert parse_line(line(type="ready", absent=["a"])) == Ready(("a",))
    assert parse_line(line(type="done", success=True, results=[], failure=None)) == DbtDone(True, (), None)


def test_another_protocol_is_refused_in_a_sentence() -> None:
    message = parse_line(b'{"protocol": 2, "type": "hello"}')
    assert isinstance(message, Refused)
    assert "protocol 2" in message.reason


def test_other_lines_are_not_understood() -> None:
    for text in (
        b"",
        b"plain text",
        b"[]",
        b"null",
        b'{"type": "hello"}',
        b'{"type": "dance"}',
        b"\xff\xfe",
        b"{" * 50_000,
    ):
        assert isinstance(parse_line(text), NotUnderstood), text[:40]


def test_output_keeps_its_end() -> None:
    tail = OutputTail(limit=10)
    for part in (b"0123456789", b"abcdef"):
        tail.add(part)
    assert tail.text() == "6789abcdef"


NODE = st.sampled_from(["a", "b", "c", "t", "x"])
WORD = st.sampled_from(["success", "pass", "error", "fail", "skipped", "warn", "new"])
EVENTS = st.builds(
    lambda name, node, word: line(
        type="event",
        info={"name": name, "level": "debug", "msg": ""},
        data={"node_info": {"unique_id": node}, "run_result": {"status": word}, "conn_name": node},
    ),
    st.sampled_from(["NodeStart", "NodeFinished", "LogCancelLine", "LogHookEndLine"]),
    NODE,
    WORD,
)
DONE = st.builds(
    lambda success, node, word: line(type="done", success=success, results=[{"unique_id": node, "status": word}]),
    st.booleans(),
    NODE,
    WORD,
)
LINES = EVENTS | DONE | st.binary(max_size=30) | st.just(line(type="ready", absent=[])) | st.just(b'{"protocol": 3}')


@settings(max_examples=500)
@given(st.lists(LINES, max_size=15), st.sampled_from([0, 1, -9]))
def test_no_bytes_make_it_throw_hang_or_lie(lines: list[bytes], code: int) -> None:
    reader = FloeDbtEngine()
    items: list[EngineItem] = []
    take: Callable[[bytes], None] = reader.reading_into(items.append)
    for one in lines:
        take(one)
    plan = chain()
    engine = ScriptedEngine([Hello("1.11"), Ready(())], lambda _n, _phase: [*items, Exited(code)])
    record, _, _ = supervise(plan, engine)
    results = last_results(record.attempts)
    assert set(record.missing) == plan.ids - results.keys()
    if record.outcome == "succeeded":
        assert not record.missing
        assert all(is_successful(results[node].status) for node in plan.ids)
