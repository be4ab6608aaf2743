"""One child process: parses the project once, then runs dbt as often as it is told to."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dbt.adapters.factory import FACTORY
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt.version import __version__ as dbt_version

from floe_dbt.events import TEXT_LIMIT, EventReporter
from floe_dbt.postgres_sessions import watch_clients
from floe_dbt.protocol import EventWriter
from floe_dbt.row_counts import count_rows
from floe_dbt.seed_paths import move_seeds


class Session:
    """Holds the parsed project and talks to dbt through its public runner."""

    def __init__(self, settings: Mapping[str, Any], writer: EventWriter) -> None:
        """`settings` is the adapter's first line."""
        self._settings = settings
        self._writer = writer
        self._reporter = EventReporter(writer, count_rows if settings.get("count_rows") else lambda _node: None)
        self._private = Path(settings["private_dir"])
        self._manifest: Manifest | None = None
        shared = settings.get("partial_parse_dir")
        self._partial_parse = Path(shared) / f"{dbt_version}.msgpack" if shared else None
        watch_clients()
        os.chdir(settings["project_dir"])

    def parse(self) -> bool:
        """Parses the project, from the shared partial parse when there is one; False when dbt refuses the project."""
        arguments = ["parse", *self._settings["arguments"]]
        shared = []
        if self._partial_parse is not None and self._partial_parse.exists():
            shared = ["--partial-parse-file-path", str(self._partial_parse)]
        result = self._invoke(dbtRunner(callbacks=[self._reporter]), [*arguments, *shared])
        if isinstance(result.result, Manifest) and not move_seeds(result.result, Path(self._settings["project_dir"])):
            result = self._invoke(dbtRunner(callbacks=[self._reporter]), [*arguments, "--no-partial-parse"])
        if not isinstance(result.result, Manifest):
            self._done(False, [], "parse", result.exception)
            return False
        self._manifest = result.result
        self._share_partial_parse()
        planned = json.loads(Path(self._settings["planned_file"]).read_text("utf-8"))
        self._writer.write("ready", absent=[node for node in planned if not _is_known(self._manifest, node)])
        return True

    def invoke(self, command: Mapping[str, Any]) -> bool:
        """Runs dbt over an exact set of nodes and reports its end; False after an interrupt."""
        arguments = list(command["arguments"])
        if command.get("whole") and getattr(self._manifest, "functions", None):
            arguments[arguments.index("--select") + 1 : arguments.index("--select") + 2] = [
                "result:error",
                "resource_type:function",
            ]
        self._reporter.start_invocation()
        result = self._invoke(dbtRunner(manifest=self._manifest, callbacks=[self._reporter]), arguments)
        execution = result.result
        results = list(execution.results) if isinstance(execution, RunExecutionResult) else []
        if isinstance(execution, RunExecutionResult):
            with contextlib.suppress(OSError):
                execution.write(str(self._private / "target" / "run_results.json"))
        self._done(result.success, self._reporter.untold(results), "dbt", result.exception)
        return not isinstance(result.exception, (KeyboardInterrupt, SystemExit))

    def close(self) -> None:
        """Closes the adapters' connections; DuckDB holds its file's lock until then."""
        for adapter in _adapters():
            with contextlib.suppress(Exception):
                adapter.cleanup_connections()
            if hasattr(adapter.connections, "close_all_connections"):
                with contextlib.suppress(Exception):
                    adapter.connections.close_all_connections()

    def remove_private_folder(self) -> None:
        """For a child whose adapter is gone; else that does it."""
        shutil.rmtree(self._private, ignore_errors=True)

    def cancel_node(self, node_id: str) -> bool:
        """
        Cancels the queries of one running node on the server; True when a connection of that name was there. The
        batches of a microbatch model have a connection each.
        """
        found = False
        for adapter in _adapters():
            for connection in list(adapter.connections.thread_connections.values()):
                if connection.name == node_id and connection.state == "open":
                    with adapter.connection_named("floe_cancel"):
                        adapter.connections.cancel(connection)
                    found = True
        return found

    def _invoke(self, runner: dbtRunner, arguments: list[str]) -> dbtRunnerResult:
        try:
            return runner.invoke(arguments)
        except KeyboardInterrupt as interrupt:
            return dbtRunnerResult(success=False, exception=interrupt)

    def _done(self, success: bool, results: list[dict[str, Any]], kind: str, exception: BaseException | None) -> None:
        failure = None
        if isinstance(exception, (KeyboardInterrupt, SystemExit)):
            failure = {"kind": "interrupted", "message": "interrupted"}
        elif exception is not None:
            failure = {"kind": kind, "message": str(exception)[:TEXT_LIMIT]}
        self._writer.write("done", success=success, results=results, failure=failure)

    def _share_partial_parse(self) -> None:
        made = self._private / "target" / "partial_parse.msgpack"
        if self._partial_parse is None or not made.exists():
            return
        with contextlib.suppress(OSError):
            self._partial_parse.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._partial_parse.parent, prefix=".new-")
            os.close(handle)
            shutil.copyfile(made, name)
            Path(name).replace(self._partial_parse)


def _is_known(manifest: Manifest, node_id: str) -> bool:
    return node_id in manifest.nodes or node_id in manifest.unit_tests


def _adapters() -> list[Any]:
    return list(FACTORY.adapters.values())
