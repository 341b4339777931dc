"""Many rows in one statement: per-row statements cost more than the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa


def insert_many(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(sa.insert(table), list(rows))


def update_many(
    connection: sa.Connection,
    table: sa.Table,
    keys: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """Update each row found by its key columns to its other values. Rows may set different columns."""
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(sorted(row)), []).append(row)
    for columns, group in alike.items():
        which = [table.c[key] == sa.bindparam(f"old_{key}") for key in keys]
        changed: dict[str, Any] = {
            column: sa.bindparam(f"new_{column}") for column in columns if column not in keys
        }
        connection.execute(
            sa.update(table).where(*which).values(changed),
            [
                {f"{'old' if name in keys else 'new'}_{name}": value for name, value in row.items()}
                for row in group
            ],
        )


def known_values(connection: sa.Connection, column: sa.Column[Any], values: Sequence[Any]) -> set[Any]:
    """Those of the values that stand in the column already (up to some thousands)."""
    return set(connection.scalars(sa.select(column).where(column.in_(values))))
