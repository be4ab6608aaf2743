"""
Loads a code location as Dagster's code server does, up to the snapshot that it sends, and prints what that cost.

Run in a fresh process: `python load_location.py <folder> <file>`.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import sys
import time
from pathlib import Path


def main(folder: Path, file: str) -> None:
    """Loads `file` in `folder` and prints one JSON document."""
    began = time.monotonic()
    import dagster as dg
    from dagster._core.remote_representation.external_data import RepositorySnap
    from dagster._serdes import serialize_value

    sys.path.insert(0, str(folder))
    spec = importlib.util.spec_from_file_location("bench_location", folder / file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    definitions = module.defs
    if not isinstance(definitions, dg.Definitions):
        raise SystemExit(f"{file} has no definitions")
    repository = definitions.get_repository_def()
    text = serialize_value(RepositorySnap.from_def(repository, defer_snapshots=True))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    document = {
        "wall_seconds": time.monotonic() - began,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
        "assets": len(repository.asset_graph.executable_asset_keys),
        "checks": len(repository.asset_graph.asset_check_keys),
        "snapshot_bytes": len(text),
    }
    print(json.dumps(document))  # noqa: T201 - the answer of this program


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
