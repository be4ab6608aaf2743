"""The assets of a product as Airflow knows them."""

from __future__ import annotations

from airflow.sdk import Asset, AssetAlias
from floe_runtime.run_record import NodeResult
from pydantic import JsonValue

from floe_airflow.definitions_data import AssetData, DefinitionsData


def made_alias(data: DefinitionsData) -> AssetAlias:
    """Through it `build` gives events of exactly those assets that it made."""
    return AssetAlias(name=f"{data['product_asset']['name']}:made")


def event_extra(result: NodeResult, key: str) -> dict[str, JsonValue]:
    """What an event of an asset tells besides that it was made."""
    known: dict[str, JsonValue] = {"node": result.id, "status": result.status, "key": key}
    if result.seconds is not None:
        known["seconds"] = result.seconds
    if result.rows is not None:
        known["rows"] = result.rows
    return {"floe": known}


class ProductAssets:
    """Makes assets by dbt's unique_id."""

    def __init__(self, data: DefinitionsData) -> None:
        self._data = data
        self._names = [entry["name"] for entry in (*data["assets"], *data["externals"])]
        self._by_id = {entry["id"]: entry for entry in data["assets"]}

    def sources(self) -> list[Asset]:
        """What others fill."""
        return [self._asset(entry) for entry in self._data["externals"]]

    def made(self) -> list[Asset]:
        """Everything that the product makes, itself included."""
        return [*(self._asset(entry) for entry in self._data["assets"]), self.product()]

    def product(self) -> Asset:
        """The product as a whole: it is updated by each green run."""
        return Asset(**self._data["product_asset"])

    def table(self) -> str:
        """
        Markdown with each asset and those that it is made from: one task makes them all, so Airflow's own graph has
        no edges between them. The client reads it, too.
        """
        entries = (*self._data["assets"], *self._data["externals"])
        rows = [self._row(entry["name"], entry.get("upstream", [])) for entry in entries]
        rows += [self._row(entry["name"], entry.get("upstream", [])) for entry in self._data["exposures"]]
        return "\n".join(["| asset | made from |", "|---|---|", *rows])

    def get(self, unique_id: str) -> Asset | None:
        """The asset of a node; None for a check."""
        entry = self._by_id.get(unique_id)
        return None if entry is None else self._asset(entry)

    def upstream_of(self, index: int) -> list[Asset]:
        """What the asset of this index is made from."""
        entries = [*self._data["assets"], *self._data["externals"]]
        return [self._asset(entries[upstream]) for upstream in entries[index].get("upstream", ())]

    def at(self, index: int) -> Asset:
        """The asset of this index."""
        return self._asset(self._data["assets"][index])

    def _row(self, name: str, upstream: list[int]) -> str:
        return f"| `{name}` | {' '.join(f'`{self._names[index]}`' for index in upstream)} |"

    def _asset(self, entry: AssetData) -> Asset:
        # Nothing in extra: Airflow keeps one for all DAGs that name the asset, from whichever was read last.
        return Asset(name=entry["name"], uri=entry["uri"])
