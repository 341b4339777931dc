"""Tables and their columns, as a person who chooses one sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bucketlift.rules.targets import RECEIPTS, RESERVED


def by_table(found: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """Pairs of table and column, in order, without what is Bucketlift's own."""
    listed: dict[str, tuple[str, ...]] = {}
    for table, column in found:
        if table != RECEIPTS:
            known = listed.setdefault(table, ())
            listed[table] = known if column in RESERVED else (*known, column)
    return listed
