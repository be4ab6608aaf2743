"""Removes secrets from text that leaves the process."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from floe_runtime.data_directory import DATA_DIRECTORY_VARIABLE

MASK: Final = "***"
_ENVIRONMENT_CALL = re.compile(r"""env_var\(\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]""")
_USERINFO = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]*(?=@)")
_PAIR = re.compile(
    r"""\b([\w-]*(?:password|passwd|secret|token|api[_-]?key|credential)[\w-]*)"""
    r"""(["']?\s*[=:]\s*["']?)([^\s"',;&}]{3,})""",
    re.IGNORECASE,
)
_SHORTEST: Final = 4
_HARMLESS: Final = re.compile(r"\d{1,5}|true|false|localhost", re.IGNORECASE)


def secret_variables(profiles_dir: Path) -> frozenset[str]:
    """Names of the environment variables that profiles.yml reads."""
    try:
        text = (profiles_dir / "profiles.yml").read_text("utf-8", "replace")
    except OSError:
        return frozenset()
    return frozenset(_ENVIRONMENT_CALL.findall(text)) - {DATA_DIRECTORY_VARIABLE}


def create_redactor(variables: Iterable[str] = (), environ: Mapping[str, str] = os.environ) -> Callable[[str], str]:
    """
    A function that replaces the values of the named variables and of dbt's `DBT_ENV_SECRET…`, the user and password
    of URLs, and values after secret-looking names by `***`. Values shorter than four characters and plain port
    numbers are left alone: masking them would garble every text.
    """
    names = {*variables, *(name for name in environ if name.startswith("DBT_ENV_SECRET"))}
    values = {environ[name] for name in names if name in environ}
    secrets = sorted((value for value in values if _is_secret(value)), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, secrets))) if secrets else None

    def redact(text: str) -> str:
        masked = pattern.sub(MASK, text) if pattern is not None else text
        masked = _USERINFO.sub(MASK, masked)
        return _PAIR.sub(lambda found: found.group(1) + found.group(2) + MASK, masked)

    return redact


def _is_secret(value: str) -> bool:
    return len(value) >= _SHORTEST and not _HARMLESS.fullmatch(value)
