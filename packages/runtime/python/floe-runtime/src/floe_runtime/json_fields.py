"""Reads typed fields out of JSON objects that came from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class FieldError(ValueError):
    """A field of a JSON document has the wrong type or is missing; the message says which and how."""


def text_field(data: Mapping[str, Any], key: str) -> str:
    """A string that must be there."""
    value = data.get(key)
    if not isinstance(value, str):
        raise FieldError(f"{key} must be a string")
    return value


def optional_text(data: Mapping[str, Any], key: str) -> str | None:
    """A string, or None when absent or null."""
    return None if data.get(key) is None else text_field(data, key)


def optional_number(data: Mapping[str, Any], key: str) -> float | None:
    """A number, or None when absent or null."""
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise FieldError(f"{key} must be a number")
    return float(value)


def optional_positive(data: Mapping[str, Any], key: str) -> float | None:
    """A number above zero, or None when absent or null."""
    value = optional_number(data, key)
    if value is not None and not value > 0:
        raise FieldError(f"{key} must be above 0")
    return value


def optional_integer(data: Mapping[str, Any], key: str, *, least: int = 0) -> int | None:
    """A whole number not below `least`, or None when absent or null."""
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise FieldError(f"{key} must be a whole number, at least {least}")
    return int(value)


def flag(data: Mapping[str, Any], key: str, default: bool) -> bool:
    """A boolean; `default` when absent or null."""
    value = data.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise FieldError(f"{key} must be true or false")
    return value


def object_field(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    """An object; empty when absent or null."""
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FieldError(f"{key} must be an object")
    return value


def list_field(data: Mapping[str, Any], key: str) -> list[Any]:
    """A list; empty when absent or null."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise FieldError(f"{key} must be a list")
    return value


def text_list(data: Mapping[str, Any], key: str) -> list[str]:
    """A list of strings; empty when absent or null."""
    values = list_field(data, key)
    if not all(isinstance(value, str) for value in values):
        raise FieldError(f"{key} must be a list of strings")
    return values
