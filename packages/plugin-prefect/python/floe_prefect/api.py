"""Calls of Prefect's API with the credentials, certificates and retries of Prefect's own client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.orchestration.routes import ServerRoutes
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings


@dataclass(frozen=True)
class ApiFailure:
    """A call that was not taken."""

    message: str
    may_pass: bool
    """True when the same call may be taken later."""
    cut_off: bool = False
    """True when the connection broke: the server may have ended, and with it what it had taken but not written yet."""


class Api(Protocol):
    """Posts JSON; None when it was taken."""

    def __call__(self, path: ServerRoutes, body: Any) -> ApiFailure | None: ...


class PrefectApi:
    """One connection, for one thread."""

    def __init__(self, client: SyncPrefectClient) -> None:
        self.client = client

    def __call__(self, path: ServerRoutes, body: Any) -> ApiFailure | None:
        """Posts JSON; what goes wrong is told, not thrown."""
        try:
            self.client.request("POST", path, json=body)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            return ApiFailure(f"HTTP status {status} for {path}", status in (408, 423, 425, 429) or status >= 500)
        except httpx.HTTPError as error:
            cut_off = isinstance(error, (httpx.NetworkError, httpx.RemoteProtocolError))
            return ApiFailure(f"{type(error).__name__} for {path}", True, cut_off)
        return None


@contextmanager
def connect(retries: int = 0) -> Iterator[PrefectApi]:
    """
    A connection with few retries of its own: the caller says how long it goes on. For a thread without a run context,
    or it would share the client of the flow.
    """
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: retries}), get_client(sync_client=True) as client:
        yield PrefectApi(client)
