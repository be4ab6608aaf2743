"""
Triggers by which Airflow watches files and web pages. They live here, since Airflow's triggerer imports triggers from
what is installed, never from a folder of DAGs. This module is the only one that needs Airflow, 3.0 or newer.
"""

from __future__ import annotations

import abc
import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from floe_runtime.data_directory import DATA_DIRECTORY_VARIABLE
from floe_runtime.fingerprints import of_file, of_url

_STATE_KEY: Final = "floe"


class FingerprintTrigger(BaseEventTrigger):
    """
    Gives an event for each new fingerprint, numbered from 1. Where Airflow keeps a state for assets (3.3), a triggerer
    that starts again goes on where the last one was. What was seen is kept only with the next look: an event that got
    lost with its triggerer is given again, with the same number.
    """

    _fires_on_return: bool = False
    """True if what was away and comes back fires again, although it is the same."""

    def __init__(self, *, sensor: str, interval: float) -> None:
        """`sensor` keeps triggers of different sensors apart, which Airflow takes for one when all else is equal."""
        BaseEventTrigger.__init__(self)
        self.sensor = sensor
        self.interval = interval

    @abc.abstractmethod
    def look(self) -> str | None:
        """The fingerprint now; None while there is nothing. May take some seconds."""

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Looks every `interval` seconds, until it is cancelled."""
        firings, fingerprint = await self._load()
        while True:
            found = await asyncio.to_thread(self.look)
            if found is not None and found != fingerprint:
                firings, fingerprint = firings + 1, found
                digest = hashlib.sha256(found.encode()).hexdigest()
                yield TriggerEvent({"firings": firings, "fingerprint": digest[:16]})
                await asyncio.sleep(self.interval)
                await self._keep(firings, fingerprint)
                continue
            if found is None and fingerprint is not None and self._fires_on_return:
                fingerprint = None
                await self._keep(firings, fingerprint)
            await asyncio.sleep(self.interval)

    async def _load(self) -> tuple[int, str | None]:
        store = getattr(self, "asset_state_store", None)
        state = None if store is None else await store.aget(_STATE_KEY)
        if not isinstance(state, dict):
            return 0, None
        return int(state["firings"]), state["fingerprint"]

    async def _keep(self, firings: int, fingerprint: str | None) -> None:
        store = getattr(self, "asset_state_store", None)
        if store is not None:
            await store.aset(_STATE_KEY, {"firings": firings, "fingerprint": fingerprint})


class FileChangedTrigger(FingerprintTrigger):
    """Fires for each new pair of modification time and size of a file; a file that is away fires nothing."""

    def __init__(self, *, sensor: str, interval: float, path: str, data_dir: str) -> None:
        """A relative path counts from FLOE_DATA_DIR of the triggerer, else from `data_dir`."""
        super().__init__(sensor=sensor, interval=interval)
        self.path = path
        self.data_dir = data_dir

    def look(self) -> str | None:
        """Modification time and size."""
        return of_file(Path(os.environ.get(DATA_DIRECTORY_VARIABLE) or self.data_dir) / self.path)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """For Airflow's database."""
        return (
            f"{__name__}.FileChangedTrigger",
            {"sensor": self.sensor, "interval": self.interval, "path": self.path, "data_dir": self.data_dir},
        )


class HttpReadyTrigger(FingerprintTrigger):
    """Fires when an address answers 2xx after it did not, and for each new ETag, Last-Modified or body."""

    _fires_on_return = True

    def __init__(self, *, sensor: str, interval: float, url: str) -> None:
        """`url` begins with http or https."""
        super().__init__(sensor=sensor, interval=interval)
        self.url = url

    def look(self) -> str | None:
        """What the answer is known by."""
        return of_url(self.url)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """For Airflow's database."""
        return (
            f"{__name__}.HttpReadyTrigger",
            {"sensor": self.sensor, "interval": self.interval, "url": self.url},
        )
