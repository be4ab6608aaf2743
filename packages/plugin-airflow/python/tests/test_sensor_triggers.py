from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from floe_runtime.airflow_sensors import FileChangedTrigger, FingerprintTrigger, HttpReadyTrigger


class Store:
    """A state that outlives triggers."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}

    async def aget(self, key: str) -> Any:
        return self.state.get(key)

    async def aset(self, key: str, value: Any) -> None:
        self.state[key] = value


async def watch(trigger: FingerprintTrigger, store: Store | None, looks: list[Callable[[], object]]) -> list[int]:
    """Numbers of the firings while `looks` happen one before each look; the trigger is cancelled after the last."""
    fired: list[int] = []
    remaining = iter(looks)
    done = asyncio.Event()
    look = trigger.look

    def next_look() -> str | None:
        step = next(remaining, None)
        if step is None:
            loop.call_soon_threadsafe(done.set)
        else:
            step()
        return look()

    loop = asyncio.get_running_loop()

    async def collect() -> None:
        async for event in trigger.run():
            fired.append(event.payload["firings"])

    with patch.multiple(trigger, create=True, look=next_look, asset_state_store=store):
        task = asyncio.create_task(collect())
        await asyncio.wait_for(done.wait(), 10)
        task.cancel()
    return fired


def file_trigger(folder: Path) -> FileChangedTrigger:
    return FileChangedTrigger(sensor="s", interval=0.001, path="in.csv", data_dir=str(folder))


def test_a_file_fires_at_first_sight_and_for_each_change(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    store = Store()
    looks: list[Callable[[], object]] = [
        lambda: None,
        lambda: file.write_text("a"),
        lambda: None,
        lambda: file.write_text("ab"),
        file.unlink,
        lambda: file.write_text("abc"),
        lambda: None,
    ]
    assert asyncio.run(watch(file_trigger(tmp_path), store, looks)) == [1, 2, 3]
    assert store.state["floe"]["firings"] == 3


def test_a_new_triggerer_goes_on_where_the_last_one_was(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    store = Store()
    assert asyncio.run(watch(file_trigger(tmp_path), store, [lambda: file.write_text("a"), lambda: None])) == [1]
    assert asyncio.run(watch(file_trigger(tmp_path), store, [lambda: None, lambda: file.write_text("ab")])) == [2]


def test_without_a_state_the_first_sight_fires_again(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a")
    assert asyncio.run(watch(file_trigger(tmp_path), None, [lambda: None, lambda: None])) == [1]


def test_the_data_folder_of_the_triggerer_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.csv").write_text("a")
    monkeypatch.setenv("FLOE_DATA_DIR", str(tmp_path))
    assert file_trigger(tmp_path / "none").look() is not None


def test_a_page_fires_again_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[str | None] = ["x", "x", None, "x", "y", None, None, "y"]
    monkeypatch.setattr("floe_runtime.airflow_sensors.of_url", lambda _url: answers.pop(0) if answers else "y")
    trigger = HttpReadyTrigger(sensor="s", interval=0.001, url="http://127.0.0.1:9/")
    assert asyncio.run(watch(trigger, Store(), [lambda: None] * 8)) == [1, 2, 3, 4]
