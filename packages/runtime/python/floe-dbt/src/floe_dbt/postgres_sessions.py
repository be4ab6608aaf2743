"""PostgreSQL ends the query of a client that has vanished only when it is told to look."""

from __future__ import annotations

import contextlib
import functools
import importlib
from typing import Any, Final

_FIRST_VERSION: Final = 140_000


def watch_clients() -> None:
    """
    Lets each session of psycopg2 look every two seconds whether its client is still there
    (`client_connection_check_interval`, PostgreSQL 14 and later), so that a killed process leaves no query behind.
    """
    try:
        psycopg2: Any = importlib.import_module("psycopg2")
    except ImportError:
        return
    connect = psycopg2.connect

    @functools.wraps(connect)
    def connect_and_watch(*args: Any, **kwargs: Any) -> Any:
        connection = connect(*args, **kwargs)
        with contextlib.suppress(psycopg2.Error):
            if connection.server_version >= _FIRST_VERSION:
                with connection.cursor() as cursor:
                    cursor.execute("set client_connection_check_interval = '2s'")
                connection.commit()
        return connection

    psycopg2.connect = connect_and_watch
