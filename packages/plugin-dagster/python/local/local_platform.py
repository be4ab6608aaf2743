"""
A local Dagster for development and tests: Dagster's own webserver and daemon in one process.

They share one workspace: a product that was deployed a moment ago is known to both at once, while a daemon of its own
would notice it only up to a minute later and would fail the runs that it does not know.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from dagster import DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._daemon.controller import DagsterDaemonController, create_daemons_from_instance
from dagster._utils.log import configure_loggers
from dagster_webserver.cli import host_dagster_ui_with_workspace_process_context
from dagster_webserver.version import __version__

_HEARTBEAT_SECONDS = 10
_SHUTDOWN_SECONDS = 10.0


def main(port: int, workspace_file: Path) -> None:
    """Serves until SIGTERM or SIGINT."""
    configure_loggers(formatter="colored", log_level="WARNING")
    with (
        DagsterInstance.get() as instance,
        WorkspaceProcessContext(
            instance,
            version=__version__,
            workspace_load_target=WorkspaceFileTarget([str(workspace_file)]),
            code_server_log_level="WARNING",
        ) as workspace,
    ):
        daemons = create_daemons_from_instance(instance)
        with DagsterDaemonController(workspace, daemons, heartbeat_interval_seconds=_HEARTBEAT_SECONDS):
            host_dagster_ui_with_workspace_process_context(
                workspace, host="127.0.0.1", port=port, path_prefix="", log_level="warning"
            )
            # A daemon in the middle of its work must not hold up the end for long.
            timer = threading.Timer(_SHUTDOWN_SECONDS, os._exit, args=(0,))
            timer.daemon = True
            timer.start()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
