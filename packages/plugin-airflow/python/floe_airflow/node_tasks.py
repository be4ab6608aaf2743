"""Which nodes of dbt a task stands for: an asset, with the tests that belong to it."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Context

from floe_airflow.definitions_data import DefinitionsData, TaskData


class NodeTasks:
    """The node tasks of a product."""

    def __init__(self, data: DefinitionsData) -> None:
        self._data = data
        self.by_id: dict[str, tuple[str, frozenset[str]]] = {}
        """For each task the asset, and all nodes of dbt."""
        self.task_of: dict[str, str] = {}
        """The task of each node of dbt; tests that belong to no asset have none."""
        for entry in data["tasks"]:
            parts = self.parts_of(entry)
            asset = data["assets"][entry["asset"]]["id"]
            self.by_id[entry["id"]] = (asset, parts)
            self.task_of.update(dict.fromkeys(parts, entry["id"]))

    def parts_of(self, entry: TaskData) -> frozenset[str]:
        """The asset and its tests."""
        checks = [self._data["checks"][index] for index in entry["checks"]]
        return frozenset([self._data["assets"][entry["asset"]]["id"], *checks])

    def left_of(self, ids: frozenset[str], context: Context) -> frozenset[str]:
        """What a run has to do: all of it at first; after it was cleared, whatever is not done yet."""
        if context["ti"].try_number == 1:
            return ids
        done = {task for task, state in self.states_of(context, self.tasks_of(ids)).items() if state == "success"}
        left = frozenset(unique_id for unique_id in ids if self.task_of.get(unique_id) not in done)
        # Who clears the build of a run in which every node is done wants all of it again.
        return left if any(unique_id in self.task_of for unique_id in left) else ids

    def tasks_of(self, ids: frozenset[str]) -> list[str]:
        """The tasks that stand for any of the nodes."""
        return sorted({self.task_of[unique_id] for unique_id in ids if unique_id in self.task_of})

    @staticmethod
    def states_of(context: Context, tasks: list[str]) -> dict[str, Any]:
        """The states of tasks of the run."""
        if not tasks:
            return {}
        run = context["dag_run"]
        states = context["ti"].get_task_states(dag_id=run.dag_id, task_ids=tasks, run_ids=[run.run_id])
        found: dict[str, Any] = states.get(run.run_id, {})
        return {task: found.get(task) for task in tasks}
