"""Lists tables and columns, so that a user can choose a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bucketlift.rules.targets import RECEIPTS, RESERVED


def by_table(found: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """Group pairs of table and column by table, without changing their order. Bucketlift's own tables are
    left out.
    """
    listed: dict[str, tuple[str, ...]] = {}
    for table, column in found:
        if table != RECEIPTS:
            known = listed.setdefault(table, ())
            listed[table] = known if column in RESERVED else (*known, column)
    return listed
