"""The states of node tasks, from the results of dbt's nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from floe_runtime.node_status import NodeStatus, is_successful
from floe_runtime.run_record import NodeResult, RunRecord, last_results

from floe_airflow.node_tasks import NodeTasks

State = Literal["success", "failed", "skipped"]


class NodeStates:
    """Says of each task once how it ended, as soon as that is certain."""

    def __init__(
        self, tasks: NodeTasks, ids: frozenset[str], put: Callable[[Mapping[str, Any]], None], *, may_retry: bool
    ) -> None:
        """`may_retry` when nodes that failed may run again: they are told of at the end only."""
        self._tasks = tasks
        self._ids = ids
        self._put = put
        self._may_retry = may_retry
        self._told: set[str] = set()
        self._results: dict[str, NodeStatus] = {}
        put({"begin": True})
        for task, (_asset, parts) in tasks.by_id.items():
            if not parts & ids:
                self._tell(task, "skipped")

    def finished(self, result: NodeResult) -> None:
        """A node of dbt has ended, for this attempt."""
        self._results[result.id] = result.status
        task = self._tasks.task_of.get(result.id)
        if task is None or task in self._told:
            return
        _asset, parts = self._tasks.by_id[task]
        if parts & self._ids <= self._results.keys():
            state = self._state(task)
            if state == "success" or not self._may_retry:
                self._tell(task, state)

    def close(self, record: RunRecord) -> None:
        """No attempt follows: what is open ends as the record says."""
        self._results.update({result.id: result.status for result in last_results(record.attempts).values()})
        for task in self._tasks.by_id:
            if task not in self._told:
                self._tell(task, self._state(task))
        self._put({"end": True})

    def _state(self, task: str) -> State:
        """What is missing has failed; a node that dbt left out is skipped with its tests."""
        asset, parts = self._tasks.by_id[task]
        statuses = [self._results.get(part) for part in parts & self._ids]
        if all(status is not None and is_successful(status) for status in statuses):
            return "success"
        if all(status == "skipped" or (status is not None and is_successful(status)) for status in statuses):
            return "skipped" if self._results.get(asset, "skipped") == "skipped" else "failed"
        return "failed"

    def _tell(self, task: str, state: State) -> None:
        self._told.add(task)
        self._put({"task": task, "state": state})
