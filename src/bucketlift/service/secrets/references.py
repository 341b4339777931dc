"""Finds the secrets to which settings or documents refer, written as in a workflow file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_SOURCES = ("secret", "env", "file")


def secret_references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the source and the name of each secret to which a value refers, such as ``("env", "TOKEN")``."""
    if isinstance(value, Mapping):
        for source in _SOURCES:
            if set(value) == {source} and isinstance(value[source], str):
                yield source, value[source]
                return
        for each in value.values():
            yield from secret_references(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from secret_references(each)
