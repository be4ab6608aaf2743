"""Shared by all tests: where the sources and the vectors are, and a product with a bit of everything."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).resolve().parents[3]
for name in ("floe-observers", "floe-runtime"):
    source = str(PACKAGE / "python" / name / "src")
    if source not in sys.path:
        sys.path.insert(0, source)

from http_receiver import HttpReceiver  # noqa: E402


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], Any]:
    """Reads a file of vectors/."""
    return lambda name: json.loads((PACKAGE / "vectors" / name).read_text("utf-8"))


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    """A collector or a lineage backend."""
    with HttpReceiver() as started:
        yield started
