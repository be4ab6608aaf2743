"""The generated project as one command of a shell; bench.json beside this file says which."""

import json
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

_SETTINGS = json.loads((Path(__file__).parent / "bench.json").read_text("utf-8"))

with DAG(
    dag_id=_SETTINGS["dag_id"],
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
) as dag:
    BashOperator(task_id="dbt_build", bash_command=f"{_SETTINGS['dbt']} build", cwd=_SETTINGS["project_dir"])
