"""Reads a folder as Airflow's processor of DAGs does, serializes what it finds, and tells it as JSON."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import json
import sys
from typing import Any


def first_of(*places: str) -> Any:
    """What the release of Airflow has under one of these names."""
    for place in places:
        module, name = place.rsplit(".", 1)
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue
    raise ImportError(" and ".join(places))


def read(folder: str) -> dict[str, Any]:
    """Errors by file, and for each DAG its tasks."""
    bag_class = first_of("airflow.dag_processing.dagbag.DagBag", "airflow.models.dagbag.DagBag")
    serialization = first_of(
        "airflow.serialization.serialized_objects.DagSerialization",
        "airflow.serialization.serialized_objects.SerializedDAG",
    )
    arguments = {"include_examples": False}
    known = inspect.signature(bag_class.__init__).parameters
    bag = bag_class(folder, **{name: value for name, value in arguments.items() if name in known})
    serialized = {dag_id: serialization.to_dict(dag) for dag_id, dag in bag.dags.items()}
    return {
        "version": importlib.import_module("airflow").__version__,
        "errors": bag.import_errors,
        "dags": {
            dag_id: sorted(task["__var"]["task_id"] for task in fields["dag"]["tasks"])
            for dag_id, fields in serialized.items()
        },
    }


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):
        found = read(sys.argv[1])
    sys.stdout.write(json.dumps(found))
