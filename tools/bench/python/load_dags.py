"""
Reads the DAG files of a folder as Airflow's processor does, up to what it keeps of them, and prints what that cost.

Run in a fresh process: `python load_dags.py <folder>`.
"""

from __future__ import annotations

import json
import resource
import sys
import time


def main(folder: str) -> None:
    """Loads the folder and prints one JSON document."""
    began = time.monotonic()
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    bag = DagBag(folder)
    if bag.import_errors:
        raise SystemExit(json.dumps(bag.import_errors))
    dags = list(bag.dags.values())
    text = json.dumps([DagSerialization.to_dict(dag) for dag in dags])
    usage = resource.getrusage(resource.RUSAGE_SELF)
    tasks = [task for dag in dags for task in dag.tasks]
    document = {
        "wall_seconds": time.monotonic() - began,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
        "tasks": [task.task_id for task in tasks],
        "assets": len({outlet.name for task in tasks for outlet in task.outlets if hasattr(outlet, "uri")}),
        "serialized_bytes": len(text),
    }
    print(json.dumps(document))  # noqa: T201 - the answer of this program


if __name__ == "__main__":
    main(sys.argv[1])
