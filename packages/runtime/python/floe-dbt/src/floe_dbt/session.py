"""One child process: parses the project once, then runs dbt as often as it is told to."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt.version import __version__ as dbt_version

from floe_dbt.events import EventReporter
from floe_dbt.postgres_sessions import watch_clients
from floe_dbt.protocol import EventWriter
from floe_dbt.selection import write_selection


class Session:
    """Holds the parsed project and talks to dbt through its public runner."""

    def __init__(self, settings: Mapping[str, Any], writer: EventWriter) -> None:
        self._settings = settings
        self._writer = writer
        self._reporter = EventReporter(writer)
        self._private = Path(settings["private_dir"])
        self._manifest: Manifest | None = None
        self._invocations = 0
        shared = settings.get("partial_parse")
        self._partial_parse = Path(shared) / f"{dbt_version}.msgpack" if shared else None
        watch_clients()
        os.chdir(settings["project_dir"])

    def parse(self) -> bool:
        """Parses the project, from the shared partial parse when there is one; False when dbt refuses the project."""
        arguments = ["parse", "--no-write-json", *self._common()]
        if self._partial_parse is not None and self._partial_parse.exists():
            arguments += ["--partial-parse-file-path", str(self._partial_parse)]
        result = self._invoke(dbtRunner(callbacks=[self._reporter]), arguments)
        if not isinstance(result.result, Manifest):
            self._done(False, [], [], "parse", result.exception)
            return False
        self._manifest = result.result
        self._share_partial_parse()
        planned = json.loads(Path(self._settings["planned_file"]).read_text("utf-8"))
        self._writer.write("ready", absent=[node for node in planned if not _is_known(self._manifest, node)])
        return True

    def invoke(self, command: Mapping[str, Any]) -> None:
        """Runs dbt over an exact set of nodes and reports its end."""
        self._invocations += 1
        ids = set(json.loads(Path(command["ids_file"]).read_text("utf-8")))
        if command.get("whole") and self._manifest is not None:
            ids.update(getattr(self._manifest, "functions", {}))
        selection = write_selection(self._private / f"selection-{self._invocations}", ids, dbt_version)
        arguments = [command["command"], "--no-write-json", *self._common(), *selection]
        if command.get("full_refresh") and command["command"] == "build":
            arguments.append("--full-refresh")
        if self._settings.get("threads"):
            arguments += ["--threads", str(self._settings["threads"])]
        self._reporter.start_invocation()
        result = self._invoke(dbtRunner(manifest=self._manifest, callbacks=[self._reporter]), arguments)
        execution: Any = result.result
        results = list(getattr(execution, "results", None) or [])
        if results:
            with contextlib.suppress(OSError):
                execution.write(str(self._private / f"run_results-{self._invocations}.json"))
        nodes, hooks = self._reporter.leftovers(results)
        self._done(result.success, nodes, hooks, "dbt", result.exception)

    def close(self) -> None:
        """Closes the adapters' connections; DuckDB holds its file's lock until then."""
        for adapter in list(FACTORY.adapters.values()):
            with contextlib.suppress(Exception):
                adapter.cleanup_connections()
            close_all: Callable[[], None] | None = getattr(adapter.connections, "close_all_connections", None)
            if close_all is not None:
                with contextlib.suppress(Exception):
                    close_all()

    def cancel_node(self, node_id: str) -> bool:
        """Cancels the query of one running node on the server; True when a connection of that name was there."""
        for adapter in list(FACTORY.adapters.values()):
            for connection in list(adapter.connections.thread_connections.values()):
                if connection.name == node_id and connection.state == "open":
                    with adapter.connection_named("floe_cancel"):
                        adapter.connections.cancel(connection)
                    return True
        return False

    def _common(self) -> list[str]:
        settings = self._settings
        return [
            *("--project-dir", settings["project_dir"], "--profiles-dir", settings["profiles_dir"]),
            *("--profile", settings["profile"], "--target", settings["target"]),
            *("--vars", json.dumps(settings.get("vars") or {})),
            *("--target-path", str(self._private / "target"), "--log-path", str(self._private / "logs")),
            *(
                "--quiet",
                "--no-version-check",
                "--log-level-file",
                "none",
                "--no-use-colors",
                "--no-send-anonymous-usage-stats",
            ),
            "--use-fast-test-edges",
        ]

    def _invoke(self, runner: dbtRunner, arguments: list[str]) -> dbtRunnerResult:
        try:
            return runner.invoke(arguments)
        except KeyboardInterrupt as interrupt:
            return dbtRunnerResult(success=False, exception=interrupt)

    def _done(
        self,
        success: bool,
        nodes: list[dict[str, Any]],
        hooks: list[dict[str, Any]],
        kind: str,
        exception: BaseException | None,
    ) -> None:
        failure = None
        if isinstance(exception, (KeyboardInterrupt, SystemExit)):
            failure = {"kind": "interrupted", "message": "interrupted"}
        elif exception is not None:
            failure = {"kind": kind, "message": str(exception)[:8_000]}
        self._writer.write("done", success=success, leftovers=nodes, hooks=hooks, failure=failure)

    def _share_partial_parse(self) -> None:
        made = self._private / "target" / "partial_parse.msgpack"
        if self._partial_parse is None or not made.exists():
            return
        with contextlib.suppress(OSError):
            self._partial_parse.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._partial_parse.parent, prefix=".new-")
            os.close(handle)
            shutil.copyfile(made, name)
            os.replace(name, self._partial_parse)


def _is_known(manifest: Manifest, node_id: str) -> bool:
    return node_id in manifest.nodes or node_id in manifest.unit_tests
