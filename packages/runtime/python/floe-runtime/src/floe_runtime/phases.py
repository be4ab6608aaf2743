"""Cuts the nodes of an attempt into dbt invocations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from floe_runtime.plan import Plan


@dataclass(frozen=True)
class Phase:
    """One invocation of dbt."""

    command: Literal["build", "test"]
    ids: frozenset[str]
    whole: bool = False
    """True for the main invocation of a full run: what dbt has besides (functions) is built, too."""


def phases_of(plan: Plan, ids: frozenset[str]) -> list[Phase]:
    """
    Seeds that fill a source come first, because dbt has no edge from them; tests without any node, and unit tests
    whose model is not selected, run by `dbt test`, because `dbt build` runs a unit test only with its model.
    """
    seeds = frozenset(plan.seeds_first) & ids
    rest = ids - seeds
    if not any(node_id in plan.nodes for node_id in rest):
        phases = [Phase("build", seeds), Phase("test", rest)]
    else:
        alone = frozenset(
            check.id
            for check in plan.checks.values()
            if check.id in rest and check.kind == "unit" and not any(parent in rest for parent in check.upstream)
        )
        phases = [Phase("build", seeds), Phase("test", alone), Phase("build", rest - alone, whole=ids == plan.ids)]
    return [phase for phase in phases if phase.ids]
