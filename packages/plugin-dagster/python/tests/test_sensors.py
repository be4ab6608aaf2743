from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest
from floe_runtime.fingerprints import of_url

from floe_dagster.product_definitions import product_definitions


class Page(BaseHTTPRequestHandler):
    """A page in a state that the test chooses."""

    status = 200
    headers_sent: dict[str, str] = {}  # noqa: RUF012
    body = b"ready"

    def do_GET(self) -> None:
        self.send_response(self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[tuple[type[Page], str]]:
    handler = type("ThisPage", (Page,), {})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def evaluate(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, cursor: str | None
) -> tuple[list[str | None], str | None]:
    """Run keys of a tick, and the cursor behind it."""
    context = dg.build_sensor_context(instance=instance, cursor=cursor, sensor_name=sensor.name)
    data = sensor.evaluate_tick(context)
    return [request.run_key for request in data.run_requests or []], data.cursor


def sensor_of(bundle: Path, name: str) -> dg.SensorDefinition:
    return product_definitions(bundle).get_repository_def().get_sensor_def(name)


def test_a_file_fires_once_for_each_change(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOE_DATA_DIR", str(bundle))
    sensor = sensor_of(bundle, "file_sensor")
    with dg.DagsterInstance.ephemeral() as instance:
        assert evaluate(sensor, instance, None) == ([], None)
        (bundle / "in.csv").write_text("a")
        first, cursor = evaluate(sensor, instance, None)
        assert len(first) == 1
        assert evaluate(sensor, instance, cursor)[0] == []
        (bundle / "in.csv").write_text("ab")
        os.utime(bundle / "in.csv", (1, 1))
        second, cursor = evaluate(sensor, instance, cursor)
        assert len(second) == 1
        assert second != first
        (bundle / "in.csv").unlink()
        assert evaluate(sensor, instance, cursor)[0] == []


def test_a_page_fires_on_the_edge_to_2xx_and_on_new_content(
    bundle: Path, page: tuple[type[Page], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, url = page
    text = (bundle / "dagster.json").read_text().replace("http://127.0.0.1:9/none", url)
    (bundle / "dagster.json").write_text(text)
    sensor = sensor_of(bundle, "page_sensor")
    with dg.DagsterInstance.ephemeral() as instance:
        fired, cursor = evaluate(sensor, instance, None)
        assert len(fired) == 1
        assert evaluate(sensor, instance, cursor)[0] == []
        handler.status = 503
        fired, cursor = evaluate(sensor, instance, cursor)
        assert fired == []
        handler.status = 200
        fired, cursor = evaluate(sensor, instance, cursor)
        assert len(fired) == 1
        handler.body = b"other"
        fired, cursor = evaluate(sensor, instance, cursor)
        assert len(fired) == 1


def test_a_page_is_known_by_its_tag_its_date_or_its_body(page: tuple[type[Page], str]) -> None:
    handler, url = page
    assert (of_url(url) or "").startswith("sha256=")
    handler.headers_sent = {"Last-Modified": "Wed, 25 Nov 2026 07:00:00 GMT"}
    assert of_url(url) == "Last-Modified=Wed, 25 Nov 2026 07:00:00 GMT"
    handler.headers_sent = {"ETag": '"1"', **handler.headers_sent}
    assert of_url(url) == 'ETag="1"'
    handler.status = 404
    assert of_url(url) is None
    assert of_url("http://127.0.0.1:9/nobody") is None


def test_a_product_fires_for_its_newest_success(bundle: Path) -> None:
    sensor = sensor_of(bundle, "product_sensor")
    with dg.DagsterInstance.ephemeral() as instance:
        add_run(instance, "crm", dg.DagsterRunStatus.FAILURE)
        assert evaluate(sensor, instance, None) == ([], None)
        add_run(instance, "crm", dg.DagsterRunStatus.SUCCESS)
        add_run(instance, "crm", dg.DagsterRunStatus.SUCCESS)
        fired, cursor = evaluate(sensor, instance, None)
        assert len(fired) == 1
        assert evaluate(sensor, instance, cursor)[0] == []
        add_run(instance, "other", dg.DagsterRunStatus.SUCCESS)
        assert evaluate(sensor, instance, cursor)[0] == []


def test_an_asset_fires_for_its_newest_materialization(bundle: Path) -> None:
    sensor = sensor_of(bundle, "asset_sensor")
    with dg.DagsterInstance.ephemeral() as instance:
        assert evaluate(sensor, instance, None) == ([], None)
        instance.report_runless_asset_event(dg.AssetMaterialization(["crm", "customers"]))
        fired, cursor = evaluate(sensor, instance, None)
        assert len(fired) == 1
        assert evaluate(sensor, instance, cursor)[0] == []
        instance.report_runless_asset_event(dg.AssetMaterialization(["crm", "customers"]))
        assert len(evaluate(sensor, instance, cursor)[0]) == 1


def test_what_happens_during_a_run_waits_and_fires_once(bundle: Path) -> None:
    sensor = sensor_of(bundle, "product_sensor")
    with dg.DagsterInstance.ephemeral() as instance:
        add_run(instance, "crm", dg.DagsterRunStatus.SUCCESS)
        _, cursor = evaluate(sensor, instance, None)
        busy = add_run(instance, "shop", dg.DagsterRunStatus.STARTED, {"dagster/sensor_name": "product_sensor"})
        add_run(instance, "crm", dg.DagsterRunStatus.SUCCESS)
        add_run(instance, "crm", dg.DagsterRunStatus.SUCCESS)
        fired, waiting = evaluate(sensor, instance, cursor)
        assert fired == []
        instance.delete_run(busy.run_id)
        fired, after = evaluate(sensor, instance, waiting or cursor)
        assert len(fired) == 1
        assert evaluate(sensor, instance, after)[0] == []


def add_run(
    instance: dg.DagsterInstance, product: str, status: dg.DagsterRunStatus, tags: dict[str, str] | None = None
) -> dg.DagsterRun:
    run = dg.DagsterRun(job_name="job", status=status, tags={"floe/product": product, **(tags or {})})
    return instance.add_run(run)
