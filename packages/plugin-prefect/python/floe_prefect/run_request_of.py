"""Which request a flow run carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from floe_runtime.run_request import PROTOCOL, RunRequest

from floe_prefect.definitions_data import DefinitionsData


def request_of(data: DefinitionsData, flow_run_id: str, floe: Mapping[str, Any] | None, job: str | None) -> RunRequest:
    """
    The client's request, or that of a job for schedules, sensors and Prefect's pages; what it does not say, the
    product's settings say. Raises ValueError with a sentence.
    """
    given: dict[str, Any] = {"protocol": PROTOCOL, "key": flow_run_id, **(floe or {})}
    if job is not None and given.get("ids") is None:
        if job not in data["jobs"]:
            raise ValueError(f"{data['product']} has no job {job!r}; it has {', '.join(sorted(data['jobs']))}")
        given["ids"] = data["jobs"][job]
    if given.get("ids") is None and (given.get("select") or given.get("exclude")):
        raise ValueError(
            "select and exclude say in words what ids lists, which is missing: start a part of the product with "
            f"`floe run --select`, or name a job: {', '.join(sorted(data['jobs']))}"
        )
    return RunRequest.from_json(json.dumps(given))
