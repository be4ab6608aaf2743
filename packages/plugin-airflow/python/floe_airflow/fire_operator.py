"""The task of a schedule or sensor: starts the product's DAG, once for each slot or firing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from airflow.providers.common.compat.sdk import AirflowSkipException
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Context
from floe_runtime.run_request import PROTOCOL

from floe_airflow.run_requests import JOB_KEY, REQUEST_KEY, RUN_PREFIX, TRIGGER_KEY

_POLL_SECONDS = 10
_WORD_LIMIT = 63
_STAMPS = {"schedule": "%Y%m%dT%H%M%SZ", "sensor": "%Y%m%dT%H%M%S%fZ"}


class FireOperator(TriggerDagRunOperator):
    """The run's id comes from the slot or the firing, so that one that is repeated starts nothing twice."""

    template_fields = ()

    def __init__(
        self,
        *,
        product_dag: str,
        kind: str,
        name: str,
        job: str,
        skips_when_busy: bool,
        waits: bool,
        **kwargs: Any,
    ) -> None:
        """With `waits` the task goes on, without a worker, until the run has ended, well or not."""
        super().__init__(
            trigger_dag_id=product_dag,
            logical_date=None,
            skip_when_already_exists=True,
            wait_for_completion=waits,
            deferrable=waits,
            allowed_states=["success", "failed"],
            failed_states=[],
            poke_interval=_POLL_SECONDS,
            **kwargs,
        )
        self._kind = kind
        self._name = name
        self._job = job
        self._skips_when_busy = skips_when_busy

    def execute(self, context: Context) -> None:
        """Ends as skipped when the product is busy, if that is its rule."""
        product_dag = str(self.trigger_dag_id)
        if self._skips_when_busy and context["ti"].get_dr_count(product_dag, states=["queued", "running"]) > 0:
            raise AirflowSkipException(f"A run of {product_dag} is under way.")
        slot = _slot(context)
        number = next(
            _firings(context), slot.strftime("%Y%m%dT%H%M%S%fZ" if self._kind == "sensor" else "%Y%m%dT%H%M%SZ")
        )
        key = f"{self._kind}-{_word(self._name)}-{number}"
        self.trigger_run_id = RUN_PREFIX + key
        self.conf = {
            REQUEST_KEY: {"protocol": PROTOCOL, "key": key},
            JOB_KEY: self._job,
            TRIGGER_KEY: {"kind": self._kind, "name": self._name, "slot": slot.isoformat()},
        }
        super().execute(context)


def _word(name: str) -> str:
    """The name in the letters of a key, and different for different names."""
    word = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:_WORD_LIMIT]
    return word if word == name else f"{word}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _slot(context: Context) -> datetime:
    run = context["dag_run"]
    return (run.logical_date or run.run_after).astimezone(timezone.utc)


def _firings(context: Context) -> Iterator[str]:
    """The newest firing of a watched file or page."""
    events = [event for found in context["triggering_asset_events"].values() for event in found]
    for event in reversed(events):
        payload = (event.extra or {}).get("payload")
        if isinstance(payload, dict):
            yield f"{payload['firings']}-{payload['fingerprint']}"
