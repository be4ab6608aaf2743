"""Keeps dbt's run_results.json of the last runs, for people and for tools that read it."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Final

KEPT_RUNS: Final = 20
"""Runs of a data folder whose results are kept."""


class KeptResults:
    """`<data>/.runs/<key>/run_results-<n>.json`, one for each invocation of dbt."""

    def __init__(self, data_dir: Path, key: str) -> None:
        """`key` is the run's."""
        self._runs = data_dir / ".runs"
        self._folder = self._runs / key
        self._count = 0

    def keep(self, private_dir: Path) -> None:
        """Takes what the last invocation has written into the run's private folder; a full disk does not matter."""
        written = private_dir / "target" / "run_results.json"
        self._count += 1
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(written, self._folder / f"run_results-{self._count}.json")

    def prune(self) -> None:
        """Removes the results of older runs."""
        with contextlib.suppress(OSError):
            folders = sorted(self._runs.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
            for folder in folders[KEPT_RUNS:]:
                shutil.rmtree(folder, ignore_errors=True)
