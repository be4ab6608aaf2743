"""The generated project through prefect-dbt, as its documentation shows it: one flow for each of its two ways."""

from pathlib import Path

from prefect import flow
from prefect_dbt import PrefectDbtRunner, PrefectDbtSettings
from prefect_dbt.core._orchestrator import ExecutionMode, PrefectDbtOrchestrator


def _settings(project_dir: str) -> PrefectDbtSettings:
    return PrefectDbtSettings(project_dir=Path(project_dir), profiles_dir=Path(project_dir))


@flow
def runner(project_dir: str) -> None:
    """One `dbt build` whose nodes become task runs."""
    PrefectDbtRunner(settings=_settings(project_dir)).invoke(["build"])


@flow
def orchestrator(project_dir: str) -> None:
    """A dbt command for each wave of the graph."""
    PrefectDbtOrchestrator(
        settings=_settings(project_dir),
        execution_mode=ExecutionMode.PER_WAVE,
        write_run_results=True,
    ).run_build()
