"""`python -m floe_dbt EVENT_DESCRIPTOR ADAPTER`: started by floe-runtime, not by people."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from floe_dbt.lifeline import Lifeline
from floe_dbt.protocol import PROTOCOL, EventWriter

if TYPE_CHECKING:
    from floe_dbt.session import Session


def main(arguments: list[str]) -> int:
    """Serves the commands of the adapter; 130 after an interrupt."""
    writer = EventWriter(int(arguments[0]))
    sessions: list[Session] = []
    told: set[str] = set()

    def immediate(command: dict[str, Any]) -> bool:
        if command.get("type") != "cancel_node":
            return False
        threading.Thread(target=_cancel_node, args=(sessions, command, writer, told), daemon=True).start()
        return True

    lifeline = Lifeline(immediate)
    try:
        _import_dbt(arguments[1])
        return _serve(lifeline, writer, sessions)
    except KeyboardInterrupt:
        return 130
    finally:
        # a second interrupt must not disturb the closing of connections
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for session in sessions:
            session.close()
            if lifeline.orphaned:
                session.remove_private_folder()


def _serve(lifeline: Lifeline, writer: EventWriter, sessions: list[Session]) -> int:
    settings = lifeline.commands.get()
    if settings is None:
        return 0
    if settings.get("protocol") != PROTOCOL:
        writer.write("hello", dbt_version="")
        return 2
    lifeline.grace = float(settings.get("grace", lifeline.grace))
    os.environ.update(settings.get("environ") or {})
    from dbt.version import __version__ as dbt_version

    from floe_dbt.session import Session

    writer.write("hello", dbt_version=str(dbt_version))
    session = Session(settings, writer)
    sessions.append(session)
    if not session.parse():
        return 2
    while (command := lifeline.commands.get()) is not None:
        if command.get("type") == "invoke" and not session.invoke(command):
            return 130
    return 0


def _import_dbt(adapter: str) -> None:
    """The long part of the start, which needs no settings; under the lifeline, so that it ends with the adapter."""
    for module in ("floe_dbt.session", f"dbt.adapters.{adapter}"):
        # what cannot be imported is told when it is needed
        with contextlib.suppress(Exception):
            importlib.import_module(module)


def _cancel_node(sessions: list[Session], command: dict[str, Any], writer: EventWriter, told: set[str]) -> None:
    """It is asked again while the node runs; `told` are nodes of which was said that there is nothing to cancel."""
    node_id = str(command.get("id"))
    found = False
    with contextlib.suppress(Exception):
        found = any(session.cancel_node(node_id) for session in sessions)
    if not found and node_id not in told:
        told.add(node_id)
        writer.write("log", level="warning", text="found no open query to cancel", id=node_id)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # threads of dbt that hang must not keep the process
