"""What pipeline.json says about lineage and traces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from floe_runtime.json_fields import flag, list_field, object_field, optional_number, optional_text

_ENVIRONMENT_CALL: Final = re.compile(
    r"""\{\{\s*env_var\(\s*['"](?P<name>\w+)['"]\s*(?:,\s*['"](?P<default>[^'"]*)['"]\s*)?\)[^}]*\}\}"""
)

Columns = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class LineageSettings:
    """Where lineage events go and what stands in them."""

    namespace: str
    """Of jobs."""
    dataset_namespace: str
    """Of datasets, by the naming rules of OpenLineage."""
    transport: str | None = None
    """http, file, console, noop, or None for what the OPENLINEAGE_* settings of the process say."""
    endpoint: str | None = None
    columns: Mapping[str, Columns] = field(default_factory=dict)
    """Of models, seeds and snapshots, by id."""
    include_messages: bool = False
    """Puts dbt's messages, which may show data and SQL, into events of failures."""


@dataclass(frozen=True)
class TelemetrySettings:
    """Where spans go."""

    endpoint: str
    protocol: str = "grpc"
    """grpc or http."""
    exporter: str = "otlp"
    """otlp or console."""
    sampling: float = 1.0
    """Fraction of runs that are traced when the client has not decided it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names with references of their values: `env:NAME` or `file:/path`, after a prefix that ends with a blank."""
    resource: Mapping[str, str] = field(default_factory=dict)


def lineage_settings(observability: Mapping[str, Any], environ: Mapping[str, str]) -> LineageSettings | None:
    """None when lineage is switched off."""
    data = object_field(observability, "lineage")
    namespace = optional_text(data, "namespace")
    if not flag(data, "enabled", False) or namespace is None:
        return None
    return LineageSettings(
        namespace=namespace,
        dataset_namespace=expand_environment(optional_text(data, "dataset_namespace") or namespace, environ),
        transport=optional_text(data, "transport"),
        endpoint=optional_text(data, "endpoint"),
        columns={node: _columns(object_field(data, "columns"), node) for node in object_field(data, "columns")},
        include_messages=flag(data, "include_messages", False),
    )


def telemetry_settings(observability: Mapping[str, Any]) -> TelemetrySettings | None:
    """None when traces are switched off."""
    data = object_field(observability, "telemetry")
    endpoint = optional_text(data, "endpoint")
    if not flag(data, "enabled", False) or endpoint is None:
        return None
    sampling = optional_number(data, "sampling")
    return TelemetrySettings(
        endpoint=endpoint,
        protocol=optional_text(data, "protocol") or "grpc",
        exporter=optional_text(data, "exporter") or "otlp",
        sampling=1.0 if sampling is None else sampling,
        headers={name: str(value) for name, value in object_field(data, "headers").items()},
        resource={name: str(value) for name, value in object_field(data, "resource").items()},
    )


def expand_environment(text: str, environ: Mapping[str, str]) -> str:
    """Replaces dbt's `env_var()`; a variable that is not set stands there by its name."""

    def value(found: re.Match[str]) -> str:
        return environ.get(found["name"], found["default"] or f"${found['name']}")

    return _ENVIRONMENT_CALL.sub(value, text)


def resolve_reference(reference: str, environ: Mapping[str, str]) -> str | None:
    """The value of `env:NAME` or `file:/path`, with the prefix that stands before it; None when there is none."""
    prefix, _, name = reference.rpartition(" ")
    kind, _, place = name.partition(":")
    if kind == "env":
        value = environ.get(place)
    elif kind == "file":
        try:
            value = Path(place).read_text("utf-8").strip()
        except OSError:
            value = None
    else:
        value = None
    return f"{prefix} {value}".strip() if value else None


def _columns(data: Mapping[str, Any], node: str) -> Columns:
    pairs = [pair for pair in list_field(data, node) if isinstance(pair, list) and len(pair) == 2]
    return tuple((str(name), None if kind is None else str(kind)) for name, kind in pairs)
