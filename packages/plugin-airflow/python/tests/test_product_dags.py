from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, Asset
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction
from conftest import HASH, write_bundle

from floe_airflow.definitions_data import read_definitions_data
from floe_airflow.product_dags import product_dags


def serialized(dags: dict[str, DAG]) -> dict[str, Any]:
    """As Airflow keeps them; what is not in its own fingerprint is left out."""
    found = {}
    for dag_id, dag in dags.items():
        fields = DagSerialization.to_dict(dag)
        del fields["dag"]["fileloc"]
        found[dag_id] = fields
    return found


def test_the_product_has_a_dag_and_each_trigger_one_of_its_own(bundle: Path) -> None:
    dags = product_dags(bundle)
    assert list(dags) == [
        "shop",
        "shop.schedule.on",
        "shop.schedule.off",
        "shop.sensor.product",
        "shop.sensor.asset",
        "shop.sensor.file",
        "shop.sensor.page",
    ]
    for dag in dags.values():
        assert dag.tags == {"floe", f"floe-bundle:{HASH[7:]}", "floe-platform:local", "floe-product:shop"}
        assert dag.catchup is False
        assert dag.max_active_runs == 1
    assert {dag_id: dag.is_paused_upon_creation for dag_id, dag in dags.items()} == {
        "shop": False,
        "shop.schedule.on": False,
        "shop.schedule.off": True,
        "shop.sensor.product": False,
        "shop.sensor.asset": True,
        "shop.sensor.file": True,
        "shop.sensor.page": True,
    }


def test_the_verdict_follows_the_build_and_shows_the_assets(bundle: Path) -> None:
    dag = product_dags(bundle)["shop"]
    build, verdict = dag.get_task("build"), dag.get_task("verdict")
    assert build.downstream_task_ids == {"verdict"}
    assert verdict.upstream_task_ids == {"build"}
    assert build.retries == 2
    assert verdict.retries == 0
    assert build.execution_timeout is not None
    assert build.execution_timeout.total_seconds() == 960
    assert dag.dagrun_timeout is not None
    assert dag.dagrun_timeout.total_seconds() == 86400
    assert verdict.trigger_rule == "all_done"
    assert [asset.name for asset in verdict.inlets] == ["crm/people"]
    assert [asset.name for asset in verdict.outlets] == ["shop/a", "shop/b", "shop"]
    assert [alias.name for alias in build.outlets] == ["shop:made"]
    assert verdict.doc_md is not None
    assert verdict.doc_md.splitlines()[2:] == [
        "| `shop/a` | `crm/people` |",
        "| `shop/b` | `shop/a` |",
        "| `crm/people` |  |",
        "| `shop/exposures/board` | `shop/b` |",
    ]


def test_schedules_tick_in_their_zone(bundle: Path) -> None:
    timetable = DagSerialization.to_dict(product_dags(bundle)["shop.schedule.on"])["dag"]["timetable"]
    assert timetable["__type"] == "airflow.timetables.trigger.CronTriggerTimetable"
    assert timetable["__var"]["expression"] == "0 6 * * *"
    assert timetable["__var"]["timezone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-03-02T12:00:00+01:00", "2026-03-03T06:00:00+01:00"),
        ("2026-03-02T06:01:00+01:00", "2026-03-02T06:00:00+01:00"),
    ],
)
def test_a_schedule_begins_with_the_next_tick(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, now: str, first: str
) -> None:
    monkeypatch.setattr("airflow.timetables.trigger.utcnow", lambda: datetime.fromisoformat(now))
    dag = product_dags(bundle)["shop.schedule.on"]
    assert dag.start_date is None
    restriction = TimeRestriction(earliest=None, latest=None, catchup=dag.catchup)
    info = dag.timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)
    assert info is not None
    assert info.run_after == datetime.fromisoformat(first)


def test_sensors_wait_for_assets(bundle: Path) -> None:
    dags = product_dags(bundle)

    def assets(name: str) -> list[Asset]:
        return list(dags[f"shop.sensor.{name}"].timetable.asset_condition.objects)

    assert [asset.name for asset in assets("product")] == ["crm"]
    assert [asset.name for asset in assets("asset")] == ["crm/people"]
    (file,) = assets("file")
    (watcher,) = file.watchers
    assert watcher.trigger.serialize() == (
        "floe_runtime.airflow_sensors.FileChangedTrigger",
        {
            "sensor": "shop.sensor.file",
            "interval": 30,
            "path": "in.csv",
            "data_dir": str(bundle.parents[2] / ".data"),
        },
    )
    (page,) = assets("page")
    assert page.watchers[0].trigger.serialize()[0] == "floe_runtime.airflow_sensors.HttpReadyTrigger"


def test_the_same_product_from_another_folder_is_the_same_for_airflow(bundle: Path, data: dict[str, Any]) -> None:
    other = write_bundle(bundle.parent / "cdcdcdcdcdcd", data)
    assert serialized(product_dags(other)) == serialized(product_dags(bundle))
    assert str(bundle) not in str(serialized(product_dags(bundle)))


@pytest.mark.parametrize("task", ["build", "verdict"])
def test_the_process_of_a_task_builds_that_task_only(bundle: Path, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[Path] = []
    monkeypatch.setattr("floe_airflow.build_operator.Plan.read", prepared.append)
    monkeypatch.setattr("floe_airflow.build_operator.prepared_engine", lambda _plan: None)
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "shop")
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_TASK_ID", task)
    dags = product_dags(bundle)
    assert list(dags) == ["shop"]
    assert dags["shop"].task_ids == [task]
    assert len(prepared) == (1 if task == "build" else 0)


def test_the_process_of_a_trigger_builds_its_dag_only(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "shop.sensor.file")
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_TASK_ID", "fire")
    assert list(product_dags(bundle)) == ["shop.sensor.file"]


def test_another_schema_is_refused_in_a_sentence(bundle: Path, data: dict[str, Any]) -> None:
    write_bundle(bundle, {**data, "schema": 2})
    with pytest.raises(ValueError, match=r"schema 2.*generate the bundle again"):
        read_definitions_data(bundle)


def test_the_file_of_the_bundle_brings_its_own_package(bundle: Path) -> None:
    source = Path(__file__).resolve().parent.parent / "floe_dag.py"
    (bundle / "floe_dag.py").write_text(source.read_text())
    (bundle / "floe_airflow").symlink_to(source.parent / "floe_airflow")
    names: dict[str, Any] = {"__file__": str(bundle / "floe_dag.py")}
    exec(compile(source.read_text(), str(bundle / "floe_dag.py"), "exec"), names)
    assert [name for name, value in names.items() if isinstance(value, DAG)] == list(product_dags(bundle))
