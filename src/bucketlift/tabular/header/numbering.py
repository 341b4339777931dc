"""Adds numbers to column names that occur more than once: ``name``, ``name_2``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bucketlift.tabular.header.header import fold


def numbered(names: Sequence[str]) -> tuple[str, ...]:
    """The names in order, with a number added to each name that occurred before; case and surrounding blanks
    are ignored.

    A name with its number may already exist, so the caller must check again for names that occur twice.
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[fold(name)] += 1
        count = seen[fold(name)]
        found.append(f"{name.strip()}_{count}" if count > 1 and name.strip() else name)
    return tuple(found)
