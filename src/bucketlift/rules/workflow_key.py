"""Derives the keys of workflows that are created on the page from their titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import count

LONGEST = 63
"""Maximum number of characters of a workflow's key."""


def key_of(title: str) -> str:
    """The title as a key: only characters that a key may contain."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].rstrip("-") or "workflow"


def free_key(title: str, taken: Collection[str]) -> str:
    """The first key for this title that is not taken: ``nightly``, ``nightly-2``, ..."""
    return next(each for each in _numbered(key_of(title)) if each not in taken)


def free_title(title: str, taken: Collection[str]) -> str:
    """The first numbered title, like ``New workflow 2``, whose key is not taken."""
    titles = (title if number == 1 else f"{title} {number}" for number in count(1))
    return next(each for each in titles if key_of(each) not in taken)


def _numbered(key: str) -> Iterator[str]:
    yield key
    for number in count(2):
        end = f"-{number}"
        yield key[: LONGEST - len(end)] + end
