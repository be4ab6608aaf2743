"""What a sensor looks at, reduced to a text that changes when something new happened."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from pathlib import Path

_HTTP_SECONDS = 10
_BODY_BYTES = 1_048_576


def of_file(path: Path) -> str | None:
    """Time of modification and size; None when there is no such file."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return f"{status.st_mtime_ns}:{status.st_size}"


def of_url(url: str) -> str | None:
    """ETag, Last-Modified or a hash of the body; None while the answer is not 2xx."""
    # The compiler takes http and https only.
    request = urllib.request.Request(url, headers={"User-Agent": "floe"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_HTTP_SECONDS) as response:  # noqa: S310
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
