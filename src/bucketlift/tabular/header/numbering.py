"""Columns of one name told apart by a number: ``name``, ``name_2``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bucketlift.tabular.header.header import fold


def numbered(names: Sequence[str]) -> tuple[str, ...]:
    """The names in their order, each repeat with its number; case and surrounding blanks do not tell names apart.

    A made name may be there already: whoever reads the names must look for repeats again.
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[fold(name)] += 1
        count = seen[fold(name)]
        found.append(f"{name.strip()}_{count}" if count > 1 and name.strip() else name)
    return tuple(found)
