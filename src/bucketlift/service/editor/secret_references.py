"""Finds the secrets that a document names, and makes copies of documents without them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bucketlift.ledger.workflows.drafts import Form

_SOURCES = ("secret", "env", "file")


def secret_references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the source and the name of each secret to which a document refers, such as ``("env", "TOKEN")``."""
    if isinstance(value, dict):
        for source in _SOURCES:
            if set(value) == {source} and isinstance(value[source], str):
                yield source, value[source]
                return
        for each in value.values():
            yield from secret_references(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from secret_references(each)


def without_secrets(document: Form) -> Form:
    """A copy of a document without HTTP events and without recipients of notices other than e-mail addresses,
    because workflows do not share secrets.
    """
    kept = {name: value for name, value in document.items() if name != "notify"}
    kept["triggers"] = [each for each in document.get("triggers") or () if "event" not in each]
    notify = [each for each in document.get("notify") or () if isinstance(each, dict) and "email" in each]
    return kept | ({"notify": notify} if notify else {})
