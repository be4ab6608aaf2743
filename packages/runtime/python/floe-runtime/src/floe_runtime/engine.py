"""What runs dbt: the same interface for the child that calls dbt's Python and for a dbt command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Union

from floe_runtime.phases import Phase
from floe_runtime.plan import Plan
from floe_runtime.protocol import ChildMessage


@dataclass(frozen=True)
class Exited:
    """The engine's process is gone, with everything that it had started; the last item of an engine."""

    code: int | None
    """As subprocess counts: negative for a signal; None when it could not be found out."""


EngineItem = Union[ChildMessage, Exited]


@dataclass(frozen=True)
class EngineSettings:
    """What an engine has to know about the run."""

    plan: Plan
    key: str
    private_dir: Path
    partial_parse_dir: Path | None
    environ: Mapping[str, str]
    vars: Mapping[str, Any]
    threads: int
    full_refresh: bool
    grace: float
    """Seconds that dbt gets to cancel its queries."""
    planned: frozenset[str]


class Engine(Protocol):
    """Runs dbt; tells everything through `put`, from any thread, and never after Exited."""

    cancels_nodes: bool
    """True when one node can be stopped while the rest goes on."""

    def start(self, settings: EngineSettings, put: Callable[[EngineItem], None]) -> None:
        """Starts and parses; Ready or an InvocationDone with a failure follows. Raises OSError if it cannot start."""

    def invoke(self, phase: Phase, *, whole: bool) -> None:
        """Runs dbt over exactly these nodes; InvocationDone follows."""

    def cancel_node(self, node_id: str) -> None:
        """Cancels the query of one node on the server."""

    def interrupt(self) -> None:
        """Asks dbt to cancel its queries and to end."""

    def terminate(self) -> None:
        """Ends it without asking."""

    def kill(self) -> None:
        """Ends every process at once."""

    def finish(self) -> None:
        """No more work: it ends by itself, Exited follows."""

    def output(self) -> str:
        """The end of its own output."""
