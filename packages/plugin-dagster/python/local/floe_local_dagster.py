"""
Storage of events for the local Dagster: Dagster's own SQLite files, with connections that stay open.

Dagster opens and closes a connection for each event, and waits for the disk each time: with 200 models and 200 tests
that is several seconds of every run, before it starts and while dbt works. Here a crash of the machine may cost the
last events, which is what a platform for development can afford; a crash of a process costs nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as db
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection, Engine

_OPEN_FILES: Final = 16
"""Runs have a file each; of these, the last ones stay open."""


class LocalEventLogStorage(SqliteEventLogStorage):
    """Named in dagster.yaml of the local platform."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """`base_dir` is the folder of the files."""
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> LocalEventLogStorage:
        """As Dagster makes it from dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine_of(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def wipe(self) -> None:
        """Removes all files, which must not be open."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Ends the storage."""
        self._close()
        super().dispose()

    def _engine_of(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None)
        if engine is None:
            timeout = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
            engine = db.create_engine(self.conn_string_for_shard(shard), connect_args=timeout)
            db.event.listen(engine, "connect", _wait_less)
        self._engines[shard] = engine
        while len(self._engines) > _OPEN_FILES:
            self._engines.popitem(last=False)[1].dispose()
        return engine

    def _close(self) -> None:
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()


def _wait_less(connection: Any, _record: object) -> None:
    """With a write-ahead log, the file stays whole when a process dies at any moment."""
    connection.execute("PRAGMA synchronous=NORMAL")
