"""A partial parse remembers where seeds were when they were parsed; the next deployment has them elsewhere."""

from __future__ import annotations

from pathlib import Path

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import SeedNode


def move_seeds(manifest: Manifest, project_dir: Path) -> bool:
    """
    Points the project's own seeds to where the project is now. False when a seed of a package lies elsewhere: then only
    a full parse finds it. Without this, dbt-duckdb loads the file of an earlier deployment.
    """
    here = project_dir.resolve()
    for node in manifest.nodes.values():
        if (
            not isinstance(node, SeedNode)
            or node.root_path is None
            or Path(node.root_path).resolve().is_relative_to(here)
        ):
            continue
        if node.package_name != manifest.metadata.project_name:
            return False
        node.root_path = str(here)
    return True
