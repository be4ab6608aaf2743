"""Which observers a run has. Imports nothing slow: the observers' own threads do that."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from floe_runtime.data_directory import data_directory
from floe_runtime.observation import Observer, ObserverAbsentError, ObserverSource
from floe_runtime.plan import Plan

from floe_observers.settings import LineageSettings, TelemetrySettings, lineage_settings, telemetry_settings

LINEAGE: Final = "openlineage"
TRACES: Final = "opentelemetry"


def observer_sources(plan: Plan, environ: Mapping[str, str] = os.environ) -> list[ObserverSource]:
    """Lineage and traces as the bundle and the OPENLINEAGE_* settings of this process want them."""
    sources = []
    lineage = lineage_settings(plan.observability, environ)
    if lineage is not None and _has_receiver(lineage, environ):
        sources.append(ObserverSource(LINEAGE, lambda: _lineage_observer(lineage, plan, environ)))
    telemetry = telemetry_settings(plan.observability)
    if telemetry is not None:
        sources.append(ObserverSource(TRACES, lambda: _span_observer(telemetry, environ)))
    return sources


def _has_receiver(settings: LineageSettings, environ: Mapping[str, str]) -> bool:
    if environ.get("OPENLINEAGE_DISABLED", "").strip().lower() == "true" or settings.transport == "noop":
        return False
    if settings.endpoint is not None or settings.transport in ("console", "file"):
        return True
    files = [
        environ.get("OPENLINEAGE_CONFIG"),
        "openlineage.yml",
        str(Path.home() / ".openlineage" / "openlineage.yml"),
    ]
    named = any(name == "OPENLINEAGE_URL" or name.startswith("OPENLINEAGE__TRANSPORT") for name in environ)
    return named or any(file is not None and Path(file).is_file() for file in files)


def _lineage_observer(settings: LineageSettings, plan: Plan, environ: Mapping[str, str]) -> Observer:
    try:
        from floe_observers.lineage_observer import LineageObserver
        from floe_observers.lineage_transport import create_client
        from floe_observers.spool import Spool
    except ImportError as error:
        raise ObserverAbsentError(f"lineage is off: the Python package {_package(error)} is not installed") from None
    folder = data_directory(plan.bundle_dir, environ) / ".lineage"
    client = create_client(settings, folder / f"{plan.product}.jsonl", environ)
    return LineageObserver(settings, client, Spool(folder / f"{plan.product}.spool"))


def _span_observer(settings: TelemetrySettings, environ: Mapping[str, str]) -> Observer:
    try:
        from floe_observers.span_exporter import create_exporter
        from floe_observers.span_observer import SpanObserver

        exporter = create_exporter(settings, environ)
    except ImportError as error:
        raise ObserverAbsentError(f"traces are off: the Python package {_package(error)} is not installed") from None
    return SpanObserver(settings, exporter)


def _package(error: ImportError) -> str:
    return (error.name or "of it").split(".")[0]
