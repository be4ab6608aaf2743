"""What runs dbt: the same interface for the child that calls dbt's Python and for a dbt command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from floe_runtime.engine_messages import EngineItem
from floe_runtime.phases import Phase
from floe_runtime.plan import Plan


@dataclass(frozen=True)
class EngineSettings:
    """What an engine has to know about the run."""

    plan: Plan
    private_dir: Path
    """Belongs to this run alone; goes at its end."""
    data_dir: Path
    """Kept between runs; may be one that cannot be written."""
    partial_parse_dir: Path | None
    """Kept between runs; None when there is no place for it."""
    environ: Mapping[str, str]
    vars: Mapping[str, Any]
    threads: int
    full_refresh: bool
    count_rows: bool
    """Count the rows of a table where the adapter does not tell them."""
    grace: float
    """Seconds that dbt gets to cancel its queries."""
    planned: frozenset[str]
    """Every node and check of the run."""


class Engine(Protocol):
    """Runs dbt; tells everything through `put`, from any thread, and nothing after Exited."""

    cancels_nodes: bool
    """True when one node can be stopped while the rest of its invocation goes on."""

    def start(self, settings: EngineSettings, put: Callable[[EngineItem], None]) -> None:
        """Starts and parses; Ready, or an InvocationDone with a failure, follows. Raises OSError if it cannot start."""

    def invoke(self, phase: Phase) -> None:
        """Runs dbt over exactly these nodes; InvocationDone follows."""

    def cancel_node(self, node_id: str) -> None:
        """Cancels the query of one node on the server."""

    def interrupt(self) -> None:
        """Asks dbt to cancel its queries and to end; Exited follows."""

    def terminate(self) -> None:
        """Ends it without asking."""

    def kill(self) -> None:
        """Ends every process at once."""

    def finish(self) -> None:
        """No more work: it ends by itself, Exited follows."""

    def output(self) -> str:
        """The end of its own output."""
