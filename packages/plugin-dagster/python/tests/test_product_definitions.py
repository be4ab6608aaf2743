from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest
from conftest import HASH, write

from floe_dagster.product_definitions import product_definitions


def test_a_bundle_loads_and_shows_everything(bundle: Path) -> None:
    definitions = product_definitions(bundle)
    dg.Definitions.validate_loadable(definitions)
    repository = definitions.get_repository_def()
    assert {job.name for job in repository.get_all_jobs()} >= {"shop_job", "part_job", "checks_job"}
    graph = repository.asset_graph
    assert {key.to_user_string() for key in graph.materializable_asset_keys} == {"shop/a", "shop/b.v2"}
    assert {key.to_user_string() for key in graph.get(dg.AssetKey(["shop", "b.v2"])).parent_keys} == {"shop/a"}
    assert {key.to_user_string() for key in graph.get(dg.AssetKey(["shop", "a"])).parent_keys} == {"shop/raw/x"}
    assert len(graph.asset_check_keys) == 4


def test_jobs_carry_the_bundle_and_select_exactly(bundle: Path) -> None:
    repository = product_definitions(bundle).get_repository_def()
    whole, part, checks = (repository.get_job(name) for name in ("shop_job", "part_job", "checks_job"))
    assert whole.tags["floe/bundle-hash"] == HASH
    assert whole.tags["floe/product"] == "shop"
    assert whole.tags["dagster/max_runtime"] == "960"
    layers = [
        (job.asset_layer.selected_asset_keys, job.asset_layer.asset_graph.asset_check_keys) for job in (part, checks)
    ]
    assert {key.to_user_string() for key in layers[0][0]} == {"shop/b.v2"}
    assert [key.name for key in layers[1][1]] == ["of_source"]


def test_only_enabled_triggers_run_by_themselves(bundle: Path) -> None:
    repository = product_definitions(bundle).get_repository_def()
    schedules = {schedule.name: schedule for schedule in repository.schedule_defs}
    assert schedules["on_schedule"].default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedules["on_schedule"].execution_timezone == "Europe/Berlin"
    assert schedules["off_schedule"].default_status is dg.DefaultScheduleStatus.STOPPED
    sensors = {sensor.name: sensor.default_status for sensor in repository.sensor_defs}
    assert sensors["page_sensor"] is dg.DefaultSensorStatus.RUNNING
    assert sensors["file_sensor"] is dg.DefaultSensorStatus.STOPPED


def test_a_bundle_of_another_schema_is_refused_in_a_sentence(bundle: Path) -> None:
    data = json.loads((bundle / "dagster.json").read_text())
    write(bundle / "dagster.json", {**data, "schema": 2})
    with pytest.raises(ValueError, match="generate the bundle again"):
        product_definitions(bundle)


def test_the_loader_imports_neither_dbt_nor_its_manifest(bundle: Path) -> None:
    import subprocess
    import sys

    root = Path(__file__).resolve().parent.parent
    script = (
        "import sys; from pathlib import Path; from floe_dagster.product_definitions import product_definitions;"
        f"product_definitions(Path({str(bundle)!r}));"
        "print([name for name in sys.modules if name.split('.')[0] in ('dbt', 'dagster_dbt')])"
    )
    shown = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
