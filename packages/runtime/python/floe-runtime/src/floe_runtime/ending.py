"""The ladder by which a run that must end is ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

TERMINATE_TO_KILL: Final = 2.0
"""Seconds between ending the processes and killing them."""
KILL_TO_GIVING_UP: Final = 2.0
"""Seconds until a killed process that is still there is no longer waited for."""

Step = Literal["interrupt", "terminate", "kill", "give up"]


@dataclass
class Ladder:
    """interrupt → (grace) → terminate → kill → give up; `due` is the moment of the next step."""

    grace: float
    next_step: Step | None = None
    due: float = float("inf")

    @property
    def begun(self) -> bool:
        """True after `begin`."""
        return self.next_step is not None

    def begin(self, now: float, first: Step = "interrupt") -> None:
        """The first step is due at once; a ladder that has begun goes on as it is."""
        if not self.begun:
            self.next_step, self.due = first, now

    def allow(self, now: float, seconds: float) -> None:
        """Starts with `terminate`, after the given time: for a process that has been asked to end by itself."""
        if not self.begun:
            self.next_step, self.due = "terminate", now + seconds

    def take(self, now: float) -> Step | None:
        """The step that is due now, if any; the next call gives the one after it."""
        if self.next_step is None or now < self.due:
            return None
        step = self.next_step
        if step == "interrupt":
            self.next_step, self.due = "terminate", now + self.grace
        elif step == "terminate":
            self.next_step, self.due = "kill", now + TERMINATE_TO_KILL
        elif step == "kill":
            self.next_step, self.due = "give up", now + KILL_TO_GIVING_UP
        else:
            self.due = float("inf")
        return step
