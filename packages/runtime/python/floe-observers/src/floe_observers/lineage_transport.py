"""The client of openlineage-python, set up so that it does not wait for long."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from floe_runtime.observation import ObserverAbsentError
from openlineage.client import OpenLineageClient
from openlineage.client.transport.http import HttpTransport

from floe_observers.settings import LineageSettings

SEND_LIMIT: Final = 3.0
"""Seconds for one event; a receiver that takes longer is away."""
_RETRY: Final = {"total": 1, "read": 0, "connect": 1, "backoff_factor": 0.2}


def create_client(settings: LineageSettings, data_file: Path, environ: Mapping[str, str]) -> OpenLineageClient:
    """
    What the OPENLINEAGE_* settings of this process say wins over the product's settings. `data_file` is where the file
    transport writes when no other file is named.
    """
    own = _has_own_transport(environ)
    config: dict[str, Any] = {} if own else _transport(settings, data_file, environ)
    try:
        client = OpenLineageClient(config=config)
    except Exception as error:
        raise ObserverAbsentError(f"the settings of OpenLineage are not valid: {type(error).__name__}") from None
    transport = client.transport
    if isinstance(transport, HttpTransport):
        transport.timeout = min(transport.timeout, SEND_LIMIT)
        transport.config.retry = {**transport.config.retry, **_RETRY}
    if transport.kind == "noop":
        raise ObserverAbsentError("lineage is off: OPENLINEAGE_DISABLED")
    if transport.kind == "console":
        _show_console()
    return client


def _has_own_transport(environ: Mapping[str, str]) -> bool:
    names = ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG")
    return any(name in names or name.startswith("OPENLINEAGE__TRANSPORT") for name in environ)


def _transport(settings: LineageSettings, data_file: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    endpoint = settings.endpoint
    kind = settings.transport or ("http" if endpoint is not None else None)
    if kind == "console":
        return {"transport": {"type": "console"}}
    if kind == "file":
        path = endpoint.removeprefix("file://") if endpoint is not None else str(data_file)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return {"transport": {"type": "file", "log_file_path": path, "append": True}}
    if endpoint is None:
        return {}
    address = urlsplit(endpoint)
    http: dict[str, Any] = {"type": "http", "url": f"{address.scheme}://{address.netloc}"}
    if address.path.strip("/"):
        http["endpoint"] = address.path.lstrip("/")
    if "OPENLINEAGE_API_KEY" in environ:
        http["auth"] = {"type": "api_key", "apiKey": environ["OPENLINEAGE_API_KEY"]}
    return {"transport": http}


def _show_console() -> None:
    """The console transport writes to its log, which is silent by itself."""
    logger = logging.getLogger("openlineage.client.transport.console")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler(sys.stderr))
