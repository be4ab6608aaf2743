"""A run that ends badly has said why; Prefect's engine would add a stack trace of its own to the run's log."""

from __future__ import annotations

import logging
from typing import Final

from prefect.exceptions import CancelledRun, FailedRun

_RUN_LOGGER: Final = "prefect.flow_runs"


class _NoStackTrace(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """False for the line that repeats the state which the flow has returned."""
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, (FailedRun, CancelledRun))


def end_quietly() -> None:
    """For the process of one run, before its flow returns a state that is no success."""
    logging.getLogger(_RUN_LOGGER).addFilter(_NoStackTrace())
