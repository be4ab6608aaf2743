"""
Triggers by which a node of a product shows as a task of Airflow without a worker: they follow what the one dbt process
of the run says. They live here, since Airflow's triggerer imports triggers from what is installed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Final, Literal

from airflow.triggers.base import BaseTrigger, TaskFailedEvent, TaskSkippedEvent, TaskSuccessEvent, TriggerEvent
from asgiref.sync import sync_to_async

from floe_runtime.run_status import BEAT_SECONDS, StatusReader, status_folder

Ending = Literal["success", "failed", "skipped", "lost", "alone"]
"""`lost`: the run will not say how the node ended. `alone`: nothing but this node was cleared."""

Ask = Callable[[Sequence[str]], Awaitable[Mapping[str, str | None]]]
"""Asks Airflow for the states of tasks of the run."""

SILENCE_SECONDS: Final = 6 * BEAT_SECONDS
"""Without any word from a process that Airflow takes for running."""
_POLL_SECONDS: Final = 0.5
_ASK_SECONDS: Final = 5.0
_ENDED: Final = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


def generation_of(start: datetime | None) -> str:
    """Tells the lives of a run apart: Airflow gives it a new start when it is cleared after its end."""
    return "" if start is None else start.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%S%f")


class NodeTrigger(BaseTrigger):
    """Ends its task as the run says. A node that was cleared alone goes to a worker, once what it reads is there."""

    def __init__(self, *, status_url: str, build: str) -> None:
        """`build` is the task whose process runs dbt."""
        BaseTrigger.__init__(self)
        self.status_url = status_url
        self.build = build

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """For Airflow's database."""
        return (f"{__name__}.NodeTrigger", {"status_url": self.status_url, "build": self.build})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Gives one event."""
        instance: Any = self.task_instance
        start = instance.get_template_context()["dag_run"].start_date
        folder = status_folder(self.status_url, instance.dag_id, instance.run_id, generation_of(start))

        async def ask(tasks: Sequence[str]) -> Mapping[str, str | None]:
            states = await sync_to_async(instance.get_task_states)(
                dag_id=instance.dag_id, task_ids=list(tasks), run_ids=[instance.run_id]
            )
            found: Mapping[str, str | None] = states.get(instance.run_id, {})
            return found

        ending = await follower_of(folder, self.build, ask).ending_of(instance.task_id)
        if ending == "alone" and instance.try_number > 1:
            upstream = sorted(instance.task.upstream_task_ids - {self.build})
            if await _all_successful(ask, upstream):
                self.log.info("The task was cleared alone: it runs dbt for its own node.")
                yield TriggerEvent("alone")
                return
            self.log.error("What the node reads is not there: clear the tasks before it, too.")
        elif ending in ("lost", "alone"):
            self.log.error("%s ended, or was lost, without a word about this node.", self.build)
        yield {"success": TaskSuccessEvent, "skipped": TaskSkippedEvent}.get(ending, TaskFailedEvent)()


async def _all_successful(ask: Ask, tasks: Sequence[str]) -> bool:
    """Waits for tasks that were cleared as well; False as soon as one has ended otherwise."""
    while tasks:
        states = await ask(tasks)
        open_tasks = [task for task in tasks if states.get(task) not in _ENDED]
        if any(states.get(task) != "success" for task in tasks if task not in open_tasks):
            return False
        tasks = open_tasks
        if tasks:
            await asyncio.sleep(_ASK_SECONDS)
    return True


class RunFollower:
    """Reads the status of one run for all of its tasks that wait in this process."""

    def __init__(self, reader: StatusReader, build: str, ask: Ask, forget: Callable[[], None]) -> None:
        """`forget` is called when nobody waits any more."""
        self._reader = reader
        self._build = build
        self._ask = ask
        self._forget = forget
        self._endings: dict[str, Ending] = {}
        self._waiting: dict[str, asyncio.Future[Ending]] = {}
        self._poller: asyncio.Task[None] | None = None
        self._has_begun = False
        self._has_ended = False
        self._heard = self._asked = time.monotonic()

    async def ending_of(self, task: str) -> Ending:
        """Waits for the end of a task."""
        known = self._endings.get(task)
        if known is not None:
            return known
        future = self._waiting.setdefault(task, asyncio.get_running_loop().create_future())
        if self._poller is None:
            self._poller = asyncio.create_task(self._poll())
        try:
            return await future
        finally:
            self._waiting.pop(task, None)

    async def _poll(self) -> None:
        try:
            while self._waiting:
                await self._read()
                if self._has_ended:
                    self._settle("lost")
                elif time.monotonic() - max(self._heard, self._asked) >= _ASK_SECONDS:
                    await self._look_after()
                await asyncio.sleep(_POLL_SECONDS)
        except Exception:
            self._settle("lost")
            raise
        finally:
            self._forget()

    async def _read(self) -> None:
        for line in await asyncio.to_thread(self._reader.read):
            self._heard = time.monotonic()
            if "begin" in line:
                self._has_begun, self._has_ended = True, False
            elif "end" in line:
                self._has_ended = True
            elif "task" in line:
                self._endings[line["task"]] = line["state"]
        for task, future in self._waiting.items():
            if task in self._endings and not future.done():
                future.set_result(self._endings[task])

    async def _look_after(self) -> None:
        """Nothing was heard for a while: is there still somebody to speak?"""
        self._asked = time.monotonic()
        state = (await self._ask([self._build])).get(self._build)
        if state in _ENDED:
            await self._read()
            self._settle("alone" if state == "success" and not self._has_begun else "lost")
        elif state == "running" and self._has_begun and self._asked - self._heard >= SILENCE_SECONDS:
            self._settle("lost")

    def _settle(self, ending: Ending) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_result(ending)


# One for each run: a triggerer that followed each node by itself would read everything as often as there are nodes.
_followers: dict[str, RunFollower] = {}


def follower_of(folder: str, build: str, ask: Ask) -> RunFollower:
    """The follower of a run in this process."""
    found = _followers.get(folder)
    if found is None:

        def forget() -> None:
            _followers.pop(folder, None)

        found = _followers[folder] = RunFollower(StatusReader(folder), build, ask, forget)
    return found
