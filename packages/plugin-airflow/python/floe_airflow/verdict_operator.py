"""The task that says whether a run was green, by the record that `build` left."""

from __future__ import annotations

from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException
from airflow.sdk import BaseOperator, Context

from floe_airflow.build_operator import RECORD_KEY
from floe_airflow.describe_record import describe_record


class VerdictOperator(BaseOperator):
    """
    Fails when anything failed or is missing; else it is skipped, so that it gives no asset event itself: it carries
    all assets of the product only to let Airflow show them before the first run.
    """

    ui_color = "#f0ede2"

    def __init__(self, *, build_task: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._build_task = build_task

    def execute(self, context: Context) -> None:
        """Never ends in success."""
        record = context["ti"].xcom_pull(task_ids=self._build_task, key=RECORD_KEY)
        if not isinstance(record, dict):
            raise AirflowFailException(
                f"The run is lost: {self._build_task} left no record. Its log and the health of its worker say more."
            )
        if record["outcome"] == "succeeded" and not record["missing"]:
            raise AirflowSkipException(f"Every planned node is done ({record['planned']}).")
        raise AirflowFailException(describe_record(record))
