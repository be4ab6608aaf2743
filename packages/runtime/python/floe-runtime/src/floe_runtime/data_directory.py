"""The folder that keeps data between runs: DuckDB files with relative paths, dbt's partial parse."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

DATA_DIRECTORY_VARIABLE: Final = "FLOE_DATA_DIR"


def data_directory(bundle_dir: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """
    FLOE_DATA_DIR when it is set; else `.data` of the delivery folder, for a bundle in
    `<delivery>/.bundles/<product>/<hash>`; else `.data` beside the bundle.
    """
    chosen = environ.get(DATA_DIRECTORY_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    folder = bundle_dir.resolve()
    parents = folder.parents
    if len(parents) > 2 and parents[1].name == ".bundles":
        return parents[2] / ".data"
    return folder.parent / ".data"
