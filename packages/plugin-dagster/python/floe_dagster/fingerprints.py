"""What a sensor looks at, reduced to a text that changes when something new happened."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from pathlib import Path

import dagster as dg

from floe_dagster.run_guard import PRODUCT_TAG

_HTTP_SECONDS = 10
_BODY_BYTES = 1_048_576


def of_product(instance: dg.DagsterInstance, product: str) -> str | None:
    """The newest successful run of a product, in whichever code location it ran."""
    runs = dg.RunsFilter(tags={PRODUCT_TAG: product}, statuses=[dg.DagsterRunStatus.SUCCESS])
    ids = instance.get_run_ids(runs, limit=1)
    return ids[0] if ids else None


def of_asset(instance: dg.DagsterInstance, asset: dg.AssetKey) -> str | None:
    """The newest materialization of an asset, in whichever code location it was made."""
    event = instance.get_latest_materialization_event(asset)
    return None if event is None else f"{event.run_id}@{event.timestamp}"


def of_file(path: Path) -> str | None:
    """Time of modification and size; None when there is no such file."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return f"{status.st_mtime_ns}:{status.st_size}"


def of_url(url: str) -> str | None:
    """ETag, Last-Modified or a hash of the body; None while the answer is not 2xx."""
    request = urllib.request.Request(url, headers={"User-Agent": "floe"})
    try:
        with urllib.request.urlopen(request, timeout=_HTTP_SECONDS) as response:
            for header in ("ETag", "Last-Modified"):
                value = response.headers.get(header)
                if value:
                    return f"{header}={value}"
            return "sha256=" + hashlib.sha256(response.read(_BODY_BYTES)).hexdigest()
    except urllib.error.HTTPError as error:
        error.close()
        return None
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return None
