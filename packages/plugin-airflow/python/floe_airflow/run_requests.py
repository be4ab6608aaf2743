"""Which request a run carries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from airflow.providers.common.compat.sdk import AirflowFailException
from airflow.sdk import Context
from floe_runtime.json_fields import FieldError
from floe_runtime.plan import Plan
from floe_runtime.run_request import RunRequest

from floe_airflow.definitions_data import DefinitionsData

REQUEST_KEY: Final = "floe"
"""Of conf: the RunRequest."""
JOB_KEY: Final = "floe_job"
"""Of conf: the name of a job whose nodes are run, when the request names none."""
TRIGGER_KEY: Final = "floe_trigger"
"""Of conf: the schedule or sensor that started the run."""
RUN_PREFIX: Final = "floe__"
"""Of the ids of runs that floe starts; the request's key follows."""
_KEY_LIMIT: Final = 128


def request_of(context: Context) -> RunRequest:
    """The request of the client; a run that was started in Airflow's pages gets the product's settings."""
    run = context["dag_run"]
    given = (run.conf or {}).get(REQUEST_KEY)
    if given is None:
        return RunRequest(key=key_of_run(run.run_id))
    try:
        return RunRequest.from_json(json.dumps(given))
    except FieldError as error:
        raise AirflowFailException(f"conf.{REQUEST_KEY}: {error}") from None


def ids_of(request: RunRequest, conf: Mapping[str, Any] | None, data: DefinitionsData, plan: Plan) -> frozenset[str]:
    """The exact dbt unique_ids of the run."""
    job = (conf or {}).get(JOB_KEY)
    if request.ids is not None:
        ids = request.ids
    elif job is not None:
        ids = _ids_of_job(str(job), data)
    else:
        ids = plan.ids
    return ids if request.checks else ids - plan.checks.keys()


def key_of_run(run_id: str) -> str:
    """The key of a run by its id: what follows the prefix, else the whole id in the letters of a key."""
    text = run_id.removeprefix(RUN_PREFIX)
    return re.sub(r"[^A-Za-z0-9._-]", "-", text)[:_KEY_LIMIT]


def _ids_of_job(name: str, data: DefinitionsData) -> frozenset[str]:
    for job in data["jobs"]:
        if job["name"] == name:
            assets = [entry["id"] for entry in data["assets"]]
            checks = data["checks"]
            return frozenset(
                [
                    *(assets if job["assets"] is None else [assets[index] for index in job["assets"]]),
                    *(checks if job["checks"] is None else [checks[index] for index in job["checks"]]),
                ]
            )
    known = ", ".join(job["name"] for job in data["jobs"])
    raise AirflowFailException(f"conf.{JOB_KEY}: the product has no job {name!r}; it has {known}")
