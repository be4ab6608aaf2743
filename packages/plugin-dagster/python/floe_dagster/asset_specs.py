"""Asset and check specifications from dagster.json."""

from __future__ import annotations

from dataclasses import dataclass

import dagster as dg

from floe_dagster.definitions_data import AssetData, CheckData, DefinitionsData, ExternalData


@dataclass(frozen=True)
class ProductSpecs:
    """Specifications of a product and the way from Dagster's keys to dbt's unique_ids."""

    assets: list[dg.AssetSpec]
    externals: list[dg.AssetSpec]
    checks: list[dg.AssetCheckSpec]
    asset_ids: dict[dg.AssetKey, str]
    check_ids: dict[dg.AssetCheckKey, str]
    keys_by_id: dict[str, dg.AssetKey]
    checks_by_id: dict[str, dg.AssetCheckKey]


def build_specs(data: DefinitionsData) -> ProductSpecs:
    """Makes every specification of the product."""
    keys = [dg.AssetKey(entry["key"]) for entry in (*data["assets"], *data["externals"])]
    assets = [_asset(entry, keys) for entry in data["assets"]]
    externals = [_external(entry, keys) for entry in data["externals"]]
    checks = [_check(entry, keys) for entry in data["checks"]]
    asset_ids = {spec.key: entry["id"] for spec, entry in zip(assets, data["assets"], strict=True)}
    check_ids = {spec.key: entry["id"] for spec, entry in zip(checks, data["checks"], strict=True)}
    return ProductSpecs(
        assets=assets,
        externals=externals,
        checks=checks,
        asset_ids=asset_ids,
        check_ids=check_ids,
        keys_by_id={unique_id: key for key, unique_id in asset_ids.items()},
        checks_by_id={unique_id: key for key, unique_id in check_ids.items()},
    )


def _asset(entry: AssetData, keys: list[dg.AssetKey]) -> dg.AssetSpec:
    metadata: dict[str, object] = {"floe/node": entry["id"]}
    if "table" in entry:
        metadata["dagster/table_name"] = entry["table"]
    if "columns" in entry:
        metadata["dagster/column_schema"] = dg.TableSchema(
            columns=[
                dg.TableColumn(name, type=data_type or "unknown", description=description or None)
                for name, data_type, description in entry["columns"]
            ]
        )
    return dg.AssetSpec(
        dg.AssetKey(entry["key"]),
        deps=[keys[index] for index in entry.get("deps", ())],
        description=entry.get("description"),
        metadata=metadata,
        skippable=True,
        group_name=entry.get("group"),
        code_version=entry.get("code_version"),
        owners=entry.get("owners"),
        tags=entry.get("tags"),
        kinds=set(entry.get("kinds", ())),
    )


def _external(entry: ExternalData, keys: list[dg.AssetKey]) -> dg.AssetSpec:
    metadata: dict[str, object] = {"floe/node": entry["id"]}
    if "table" in entry:
        metadata["dagster/table_name"] = entry["table"]
    if "url" in entry:
        metadata["url"] = dg.MetadataValue.url(entry["url"])
    return dg.AssetSpec(
        dg.AssetKey(entry["key"]),
        deps=[keys[index] for index in entry.get("deps", ())],
        description=entry.get("description"),
        metadata=metadata,
        group_name=entry.get("group"),
        owners=entry.get("owners"),
        tags=entry.get("tags"),
        kinds=set(entry.get("kinds", ())),
    )


def _check(entry: CheckData, keys: list[dg.AssetKey]) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        entry["name"],
        asset=keys[entry["asset"]],
        additional_deps=[keys[index] for index in entry.get("also", ())],
        blocking=entry.get("blocking", False),
        description=entry.get("description"),
        metadata={"floe/node": entry["id"]},
    )
