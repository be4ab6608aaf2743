"""A PostgreSQL server of the test's own, in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class PostgresServer:
    """Listens on 127.0.0.1; everybody is let in."""

    def __init__(self, binaries: Path, port: int) -> None:
        self.binaries = binaries
        self.port = port

    @property
    def profile(self) -> str:
        """A profiles.yml."""
        return f"""
shop:
  target: dev
  outputs:
    dev:
      type: postgres
      host: 127.0.0.1
      port: {self.port}
      user: postgres
      password: "{{{{ env_var('SHOP_PASSWORD') }}}}"
      dbname: postgres
      schema: shop
      threads: 4
"""

    def sql(self, statement: str) -> str:
        """The answer of psql, unadorned."""
        command = [
            str(self.binaries / "psql"),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
            "-Atc",
            statement,
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()

    def running_queries(self) -> list[str]:
        """What other clients are doing."""
        statement = (
            "select query from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"
            " and state <> 'idle'"
        )
        return self.sql(statement).splitlines()


def postgres_binaries() -> Path | None:
    """The newest of a Debian installation, else what is on the path; None when PostgreSQL is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if installed:
        return installed[-1]
    found = shutil.which("psql")
    return None if found is None else Path(found).resolve().parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres_server(binaries: Path) -> Iterator[PostgresServer]:
    """Runs a server for the length of the block, as another user when this one is root."""
    server = PostgresServer(binaries, _free_port())
    folder = Path(tempfile.mkdtemp(prefix="floe-postgres-"))
    user: str | None = None
    if os.geteuid() == 0:
        user = "postgres"
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)

    def control(*arguments: str) -> None:
        log = folder / "log"
        program = server.binaries / arguments[0]
        command = [str(program), *arguments[1:]]
        if user is not None:
            command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr + (log.read_text("utf-8") if log.exists() else ""))

    data = str(folder / "data")
    control("initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale", "C")
    options = f"-p {server.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    control("pg_ctl", "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield server
    finally:
        control("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
