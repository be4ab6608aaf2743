"""Finds the observers of a run without needing them: lineage and traces are packages of their own."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import Any

from floe_runtime.observation import Observer, ObserverAbsentError, ObserverSource
from floe_runtime.plan import Plan


def observers_of(plan: Plan, environ: Mapping[str, str] = os.environ) -> list[ObserverSource]:
    """What the bundle's settings ask for; never throws: an observer that cannot be is named in the run's record."""
    wanted = [name for name in ("lineage", "telemetry") if _is_enabled(plan.observability.get(name))]
    if not wanted:
        return []
    try:
        sources = importlib.import_module("floe_observers.sources")
    except ImportError:
        # lineage is on unless it is switched off: only who gives it a receiver wants to hear of it
        lineage = plan.observability.get("lineage")
        if (
            wanted == ["lineage"]
            and isinstance(lineage, dict)
            and not (lineage.get("endpoint") or lineage.get("transport"))
        ):
            return []
        return [_absent("the Python package floe-observers is not installed")]
    try:
        found: list[ObserverSource] = sources.observer_sources(plan, environ)
    except Exception as error:
        return [_absent(f"the bundle's settings of observability are not understood: {type(error).__name__}")]
    return found


def _is_enabled(settings: Any) -> bool:
    return isinstance(settings, dict) and settings.get("enabled") is True


def _absent(reason: str) -> ObserverSource:
    def create() -> Observer:
        raise ObserverAbsentError(reason)

    return ObserverSource("observers", create)
