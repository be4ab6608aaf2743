"""
Schedules and sensors: a small DAG for each, which starts the product's DAG with the nodes that it is for. So each has
its own switch in Airflow, and runs of a product stay in one DAG, one after another.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from airflow.sdk import DAG, Asset, AssetWatcher
from airflow.timetables.trigger import CronTriggerTimetable
from floe_runtime.airflow_sensors import FileChangedTrigger, FingerprintTrigger, HttpReadyTrigger
from floe_runtime.data_directory import data_directory

from floe_airflow.definitions_data import DefinitionsData, SensorData
from floe_airflow.fire_operator import FireOperator

FIRE_TASK: Final = "fire"
_FIRST_TICK_TOLERANCE: Final = timedelta(minutes=2)
"""The first tick counts for so long: the file may be parsed again before the scheduler has seen it."""


def trigger_dags(bundle: Path, data: DefinitionsData, arguments: dict[str, Any], wanted: str | None) -> list[DAG]:
    """The DAGs of all schedules and sensors, or the wanted one."""
    dags = []
    for schedule in data["schedules"]:
        if wanted in (None, schedule["dag_id"]):
            dag = DAG(
                dag_id=schedule["dag_id"],
                description=f"Starts {data['dag_id']}: {schedule['job']}",
                schedule=CronTriggerTimetable(
                    schedule["cron"], timezone=schedule["timezone"], run_immediately=_FIRST_TICK_TOLERANCE
                ),
                is_paused_upon_creation=not schedule["enabled"],
                # With a start in the past Airflow would begin with the last tick before the deployment.
                **{**arguments, "start_date": None},
            )
            _add_fire(dag, data, "schedule", schedule["name"], schedule["job"], waits=False)
            dags.append(dag)
    for sensor in data["sensors"]:
        if wanted in (None, sensor["dag_id"]):
            dag = DAG(
                dag_id=sensor["dag_id"],
                description=f"Starts {data['dag_id']}: {sensor['job']}",
                schedule=[_asset(bundle, sensor)],
                is_paused_upon_creation=not sensor["enabled"],
                **arguments,
            )
            # What happens meanwhile waits together for the end of the run that it is fired for.
            _add_fire(dag, data, "sensor", sensor["name"], sensor["job"], waits=True)
            dags.append(dag)
    return dags


def _add_fire(dag: DAG, data: DefinitionsData, kind: str, name: str, job: str, *, waits: bool) -> None:
    FireOperator(
        task_id=FIRE_TASK,
        product_dag=data["dag_id"],
        kind=kind,
        name=name,
        job=job,
        skips_when_busy=data["on_busy"] == "skip",
        waits=waits,
        retries=0,
        dag=dag,
    )


def _asset(bundle: Path, sensor: SensorData) -> Asset:
    trigger = _trigger(bundle, sensor)
    watchers = [] if trigger is None else [AssetWatcher(name=sensor["dag_id"], trigger=trigger)]
    return Asset(**sensor["asset"], watchers=watchers)


def _trigger(bundle: Path, sensor: SensorData) -> FingerprintTrigger | None:
    """None where another DAG gives the events."""
    if sensor["type"] == "file_changed":
        return FileChangedTrigger(
            sensor=sensor["dag_id"],
            interval=sensor["interval"],
            path=sensor["path"],
            # Without the environment of this process: the triggerer has its own.
            data_dir=str(data_directory(bundle, {})),
        )
    if sensor["type"] == "http_ready":
        return HttpReadyTrigger(sensor=sensor["dag_id"], interval=sensor["interval"], url=sensor["url"])
    return None
