"""Which engine runs a plan."""

from __future__ import annotations

from floe_runtime.dbt_command_engine import DbtCommandEngine
from floe_runtime.engine import Engine
from floe_runtime.floe_dbt_engine import FloeDbtEngine
from floe_runtime.plan import Plan


def create_engine(plan: Plan) -> Engine:
    """The plan's dbt command, else the child that calls dbt's Python; nothing is started."""
    command = plan.execution.dbt_command
    return DbtCommandEngine(command) if command else FloeDbtEngine()


def prepared_engine(plan: Plan) -> Engine:
    """
    The same, with dbt being imported already. For a process that exists to run this plan, as early as it can: the
    import takes seconds, which the orchestrator's own start then hides.
    """
    engine = create_engine(plan)
    if isinstance(engine, FloeDbtEngine):
        engine.prepare(plan)
    return engine
