"""What one run shall do; the same JSON as run-request.ts (`vectors/run-request.json`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from floe_runtime.json_fields import (
    FieldError,
    flag,
    object_field,
    optional_integer,
    optional_positive,
    optional_text,
    text_field,
    text_list,
)

PROTOCOL: Final = 1
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class RunRequest:
    """Times in seconds; None takes the product's execution settings."""

    key: str
    """Chosen by the client; at most one run per key executes dbt."""
    select: str | None = None
    exclude: str | None = None
    ids: frozenset[str] | None = None
    """Exact dbt unique_ids of assets and checks; None runs everything."""
    checks: bool = True
    timeout: float | None = None
    node_timeout: float | None = None
    threads: int | None = None
    retries: int | None = None
    full_refresh: bool = False
    vars: Mapping[str, Any] = field(default_factory=dict)
    traceparent: str | None = None
    bundle_hash: str | None = None
    """The bundle that the client has planned with; another one is refused."""
    retry_of: str | None = None

    @classmethod
    def from_json(cls, text: str) -> RunRequest:
        """Reads a request; raises FieldError with a sentence when it is not one of protocol 1."""
        try:
            data = json.loads(text)
        except ValueError as error:
            raise FieldError(f"the run request is not JSON: {error}") from None
        if not isinstance(data, dict):
            raise FieldError("the run request must be a JSON object")
        if data.get("protocol") != PROTOCOL:
            raise FieldError(
                f"the run request speaks protocol {data.get('protocol')!r}, this runtime speaks {PROTOCOL}: "
                "deploy with the same version of floe that starts the run"
            )
        key = text_field(data, "key")
        if not _KEY.fullmatch(key):
            raise FieldError(
                "key must be 1 to 128 letters, digits, dots, dashes or underscores, and start with a letter or digit"
            )
        return cls(
            key=key,
            select=optional_text(data, "select"),
            exclude=optional_text(data, "exclude"),
            ids=None if data.get("ids") is None else frozenset(text_list(data, "ids")),
            checks=flag(data, "checks", True),
            timeout=optional_positive(data, "timeout"),
            node_timeout=optional_positive(data, "node_timeout"),
            threads=optional_integer(data, "threads", least=1),
            retries=optional_integer(data, "retries"),
            full_refresh=flag(data, "full_refresh", False),
            vars=object_field(data, "vars"),
            traceparent=optional_text(data, "traceparent"),
            bundle_hash=optional_text(data, "bundle_hash"),
            retry_of=optional_text(data, "retry_of"),
        )

    def to_json(self) -> str:
        """Compact JSON with sorted keys."""
        return json.dumps(
            {
                "protocol": PROTOCOL,
                "key": self.key,
                "select": self.select,
                "exclude": self.exclude,
                "ids": None if self.ids is None else sorted(self.ids),
                "checks": self.checks,
                "timeout": self.timeout,
                "node_timeout": self.node_timeout,
                "threads": self.threads,
                "retries": self.retries,
                "full_refresh": self.full_refresh,
                "vars": dict(self.vars),
                "traceparent": self.traceparent,
                "bundle_hash": self.bundle_hash,
                "retry_of": self.retry_of,
            },
            sort_keys=True,
            separators=(",", ":"),
        )
