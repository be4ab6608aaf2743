"""The bundle's plan: which nodes a full run has, how they hang together, how dbt is called."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from floe_runtime.json_fields import (
    FieldError,
    flag,
    list_field,
    object_field,
    optional_integer,
    optional_number,
    optional_positive,
    optional_text,
    text_field,
    text_list,
)
from floe_runtime.retry import RetryPolicy


class PlanError(ValueError):
    """The folder holds no plan that this runtime understands; the message is a sentence for the user."""


@dataclass(frozen=True)
class PlannedNode:
    """A model, seed or snapshot."""

    id: str
    kind: Literal["model", "seed", "snapshot"] | str
    name: str
    materialized: str
    relation: tuple[str | None, str, str] | None
    upstream: tuple[str, ...]


@dataclass(frozen=True)
class PlannedCheck:
    """A generic, singular or unit test."""

    id: str
    name: str
    kind: Literal["generic", "singular", "unit"] | str
    primary: str | None
    additional: tuple[str, ...]
    severity: str
    column: str | None = None

    @property
    def upstream(self) -> tuple[str, ...]:
        """All nodes and sources that it reads."""
        return self.additional if self.primary is None else (self.primary, *self.additional)


@dataclass(frozen=True)
class DbtCall:
    """How dbt is called; folders are absolute."""

    project_name: str
    profile: str
    target: str
    adapter: str
    vars: Mapping[str, Any]
    project_dir: Path
    profiles_dir: Path


@dataclass(frozen=True)
class ExecutionSettings:
    """Times in seconds."""

    timeout: float = 3600
    node_timeout: float | None = None
    threads: int = 4
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    dbt_python: str | None = None
    """Python interpreter that has dbt; None takes the one that runs this."""
    dbt_command: tuple[str, ...] = ()
    """A dbt program to run instead of dbt's Python."""


@dataclass(frozen=True)
class Plan:
    """A bundle as the runtime sees it."""

    bundle_dir: Path
    bundle_hash: str | None
    product: str
    environment: str
    dbt: DbtCall
    nodes: Mapping[str, PlannedNode]
    checks: Mapping[str, PlannedCheck]
    seeds_first: tuple[str, ...]
    """Seeds that load a relation which a source() reads; dbt has no such edge."""
    execution: ExecutionSettings = field(default_factory=ExecutionSettings)
    sources: Mapping[str, tuple[str | None, str, str] | None] = field(default_factory=dict)
    """The relations of sources."""
    observability: Mapping[str, Any] = field(default_factory=dict)
    """Settings of lineage and traces, for observers to read."""

    @property
    def ids(self) -> frozenset[str]:
        """Everything that a full run does."""
        return frozenset(self.nodes) | frozenset(self.checks)

    def dependents_of(self, roots: Iterable[str]) -> frozenset[str]:
        """
        Everything that a build does not start when the roots fail: what is downstream, the tests of it, and what waits
        for a failed test (a node that has all of the test's parents upstream; a unit test's model).
        """
        children = self._children()
        found: set[str] = set()
        for root in roots:
            check = self.checks.get(root)
            if check is None or check.kind == "unit":
                found |= _reachable(children, (root,))
            elif check.upstream:
                guarded = set.intersection(*(_reachable(children, (parent,)) for parent in check.upstream))
                found |= guarded - self.checks.keys() | _reachable(children, guarded)
        return frozenset(found)

    def _children(self) -> dict[str, list[str]]:
        """Edges as a build waits: a unit test stands between its model and what that reads."""
        edges = [(parent, node.id) for node in self.nodes.values() for parent in node.upstream]
        for check in self.checks.values():
            for parent in check.upstream:
                if check.kind != "unit":
                    edges.append((parent, check.id))
                elif parent in self.nodes:
                    edges.append((check.id, parent))
                    edges += [(before, check.id) for before in self.nodes[parent].upstream]
        children: dict[str, list[str]] = {}
        for parent, child in edges:
            children.setdefault(parent, []).append(child)
        return children

    @classmethod
    def read(cls, bundle_dir: str | Path) -> Plan:
        """Reads pipeline.json and bundle.json of a bundle; raises PlanError."""
        folder = Path(bundle_dir).resolve()
        data = _read_object(folder / "pipeline.json")
        index = _read_object(folder / "bundle.json") if (folder / "bundle.json").exists() else {}
        if data.get("schema") != 1:
            raise PlanError(f"{folder / 'pipeline.json'} has schema {data.get('schema')!r}, this runtime reads 1")
        try:
            return _plan(folder, data, index)
        except FieldError as error:
            raise PlanError(f"{folder / 'pipeline.json'}: {error}") from None


def _reachable(children: Mapping[str, list[str]], roots: Iterable[str]) -> set[str]:
    found: set[str] = set()
    todo = list(roots)
    while todo:
        for child in children.get(todo.pop(), ()):
            if child not in found:
                found.add(child)
                todo.append(child)
    return found


def _read_object(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_bytes())
    except OSError as error:
        raise PlanError(f"cannot read {file}: {error.strerror}") from None
    except ValueError as error:
        raise PlanError(f"{file} is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise PlanError(f"{file} must hold a JSON object")
    return data


def _plan(folder: Path, data: Mapping[str, Any], index: Mapping[str, Any]) -> Plan:
    product = object_field(data, "product")
    dbt = object_field(data, "dbt")
    return Plan(
        bundle_dir=folder,
        bundle_hash=optional_text(index, "bundle_hash"),
        product=text_field(product, "name"),
        environment=optional_text(product, "environment") or "dev",
        dbt=DbtCall(
            project_name=text_field(dbt, "project_name"),
            profile=text_field(dbt, "profile"),
            target=text_field(dbt, "target"),
            adapter=optional_text(dbt, "adapter") or "",
            vars=object_field(dbt, "vars"),
            project_dir=folder / text_field(dbt, "project_dir"),
            profiles_dir=folder / text_field(dbt, "profiles_dir"),
        ),
        nodes={node.id: node for node in map(_node, list_field(data, "nodes"))},
        checks={check.id: check for check in map(_check, list_field(data, "checks"))},
        seeds_first=tuple(text_list(data, "seeds_first")),
        execution=_execution(object_field(data, "execution")),
        sources={text_field(source, "id"): _relation(source) for source in list_field(data, "sources")},
        observability=object_field(data, "observability"),
    )


def _node(data: Mapping[str, Any]) -> PlannedNode:
    return PlannedNode(
        id=text_field(data, "id"),
        kind=text_field(data, "kind"),
        name=text_field(data, "name"),
        materialized=optional_text(data, "materialized") or "",
        relation=_relation(data),
        upstream=tuple(text_list(data, "upstream")),
    )


def _relation(data: Mapping[str, Any]) -> tuple[str | None, str, str] | None:
    relation = data.get("relation")
    return (relation[0], relation[1], relation[2]) if isinstance(relation, list) and len(relation) == 3 else None


def _check(data: Mapping[str, Any]) -> PlannedCheck:
    return PlannedCheck(
        id=text_field(data, "id"),
        name=text_field(data, "name"),
        kind=text_field(data, "kind"),
        primary=optional_text(data, "primary"),
        additional=tuple(text_list(data, "additional")),
        severity=optional_text(data, "severity") or "error",
        column=optional_text(data, "column"),
    )


def _execution(data: Mapping[str, Any]) -> ExecutionSettings:
    retries = object_field(data, "retries")
    usual = ExecutionSettings()
    policy = usual.retries
    return ExecutionSettings(
        timeout=optional_positive(data, "timeout") or usual.timeout,
        node_timeout=optional_positive(data, "node_timeout"),
        threads=optional_integer(data, "threads", least=1) or usual.threads,
        retries=RetryPolicy(
            max=optional_integer(retries, "max") or 0,
            initial_delay=_number(retries, "initial_delay", policy.initial_delay),
            max_delay=_number(retries, "max_delay", policy.max_delay),
            factor=_number(retries, "factor", policy.factor),
            jitter=_number(retries, "jitter", policy.jitter),
            data_errors=flag(retries, "data_errors", False),
        ),
        dbt_python=optional_text(data, "dbt_python"),
        dbt_command=tuple(text_list(data, "dbt_command")),
    )


def _number(data: Mapping[str, Any], key: str, default: float) -> float:
    value = optional_number(data, key)
    return default if value is None else value
