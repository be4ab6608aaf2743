"""dbt results as Dagster's own events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import dagster as dg
from floe_runtime.run_record import NodeResult

from floe_dagster.asset_specs import ProductSpecs

RESULT_LABEL = "floe/result"


class NativeEvents:
    """
    Turns results into events of Dagster, at most one for each asset and check: Dagster takes no second one, so a
    failed check waits for the end in case a later attempt passes.
    """

    def __init__(self, context: dg.AssetExecutionContext, specs: ProductSpecs) -> None:
        self._specs = specs
        self._assets = set(context.selected_asset_keys)
        self._checks = set(context.selected_asset_check_keys)
        self._held: dict[dg.AssetCheckKey, NodeResult] = {}

    def event_for(self, result: NodeResult) -> dg.MaterializeResult[None] | dg.AssetCheckResult | None:
        """The event for a result; None where Dagster has none, or not yet."""
        asset = self._specs.keys_by_id.get(result.id)
        if asset is not None:
            if result.status != "succeeded" or asset not in self._assets:
                return None
            self._assets.remove(asset)
            return dg.MaterializeResult(asset_key=asset, metadata=_metadata(result))
        check = self._specs.checks_by_id.get(result.id)
        if check is None or check not in self._checks:
            return None
        if result.status == "failed":
            self._held[check] = result
        if result.status not in ("succeeded", "warned"):
            return None
        return self._check_result(check, result)

    def held_back(self) -> Iterator[dg.AssetCheckResult]:
        """The failed checks, once no attempt follows."""
        for check, result in list(self._held.items()):
            yield self._check_result(check, result)

    def _check_result(self, check: dg.AssetCheckKey, result: NodeResult) -> dg.AssetCheckResult:
        self._checks.remove(check)
        self._held.pop(check, None)
        return dg.AssetCheckResult(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=result.status == "succeeded",
            severity=dg.AssetCheckSeverity.WARN if result.status == "warned" else dg.AssetCheckSeverity.ERROR,
            metadata=_metadata(result),
        )


def state_of(result: NodeResult) -> dict[str, object]:
    """A result as the plain data that the client reads; fields without a value are left out."""
    return {name: value for name, value in asdict(result).items() if value is not None}


def _metadata(result: NodeResult) -> dict[str, str | float | int]:
    metadata: dict[str, str | float | int] = {
        RESULT_LABEL: json.dumps(state_of(result), separators=(",", ":"), ensure_ascii=False)
    }
    if result.seconds is not None:
        metadata["seconds"] = result.seconds
    if result.rows is not None:
        metadata["dagster/row_count"] = result.rows
    if result.failures is not None:
        metadata["failures"] = result.failures
    return metadata
