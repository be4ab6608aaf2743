"""Events that wait for another run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from floe_observers.spool import Spool


def drain(spool: Spool) -> list[dict[str, Any]]:
    """Everything that earlier runs have left, as if it were sent."""
    found = []
    while (event := spool.first()) is not None:
        found.append(event)
        spool.drop()
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "shop.spool"


def test_what_one_run_keeps_the_next_one_sends(file: Path) -> None:
    earlier = Spool(file)
    assert earlier.put({"n": 1})
    assert earlier.put({"n": 2})
    earlier.close()
    later = Spool(file)
    assert drain(later) == [{"n": 1}, {"n": 2}]
    later.close()
    assert drain(Spool(file)) == []
    assert file.stat().st_mode & 0o077 == 0 if file.exists() else True


def test_what_was_not_sent_stays(file: Path) -> None:
    Spool(file).put({"n": 1})
    Spool(file).put({"n": 2})
    spool = Spool(file)
    assert spool.first() == {"n": 1}
    spool.drop()
    spool.put({"n": 3})
    assert spool.first() == {"n": 2}
    spool.close()
    assert drain(Spool(file)) == [{"n": 3}, {"n": 2}]


def test_nothing_is_lost_when_the_sender_dies(file: Path) -> None:
    Spool(file).put({"n": 1})
    dead = Spool(file)
    assert dead.first() == {"n": 1}
    Spool(file).put({"n": 2})
    del dead
    assert file.with_suffix(".sending").exists()


def test_only_one_run_sends(file: Path) -> None:
    Spool(file).put({"n": 1})
    first, second = Spool(file), Spool(file)
    assert first.first() == {"n": 1}
    assert second.first() is None
    first.close()
    second.close()
    assert drain(Spool(file)) == [{"n": 1}]


def test_a_crash_leaves_its_events_to_the_next_run(file: Path) -> None:
    file.parent.mkdir()
    file.with_suffix(".sending").write_text('{"n":1}\nhalf a li', "utf-8")
    Spool(file).put({"n": 2})
    assert {"n": 1} in drain(Spool(file))


def test_the_file_has_a_limit(file: Path) -> None:
    spool = Spool(file, limit=20)
    assert spool.put({"n": 1})
    assert spool.put({"n": 2})
    assert not spool.put({"n": 3, "more": "than fits"})
    assert file.stat().st_size <= 20


def test_a_folder_that_cannot_be_written_is_said_not_thrown(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in the way", "utf-8")
    assert not Spool(tmp_path / "data" / "shop.spool").put({"n": 1})
