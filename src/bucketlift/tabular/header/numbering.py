"""Numbers repeated column names: ``name``, ``name_2``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bucketlift.tabular.header.header import fold


def numbered(names: Sequence[str]) -> tuple[str, ...]:
    """The names in order, with a number added to each repeat; case and surrounding blanks are ignored.

    A numbered name may already exist, so the caller must check for repeats again.
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[fold(name)] += 1
        count = seen[fold(name)]
        found.append(f"{name.strip()}_{count}" if count > 1 and name.strip() else name)
    return tuple(found)
