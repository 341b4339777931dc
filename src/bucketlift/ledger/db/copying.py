"""Copies every table of a ledger into another ledger. Each of the two can be SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import aware

CHUNK = 1_000


def disable_idle_timeout(connection: sa.Connection) -> None:
    """Allow a transaction to be idle while the other database works.

    Without this, PostgreSQL would end the idle transaction after the timeout that Bucketlift sets.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def clear(connection: sa.Connection) -> None:
    """Delete all rows of all tables.

    On PostgreSQL the tables are locked first, so that no process reads them while they are empty.
    """
    if connection.dialect.name == "postgresql":
        names = ", ".join(connection.dialect.identifier_preparer.format_table(each) for each in _in_order())
        connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
    for table in reversed(_in_order()):
        connection.execute(sa.delete(table))


def copy(source: sa.Connection, to: sa.Connection, *, leave_out: Collection[sa.Table] = ()) -> dict[str, int]:
    """Copy all rows, in the order of the foreign keys. Returns the number of rows per table."""
    counts = {table.name: _copy(table, source, to) for table in _in_order() if table not in leave_out}
    if to.dialect.name == "postgresql":
        _set_sequences(to)
    return counts


def _in_order() -> list[sa.Table]:
    return tables.metadata.sorted_tables


def _copy(table: sa.Table, source: sa.Connection, to: sa.Connection) -> int:
    read = [_as_text(column, source).label(column.name) for column in table.columns]
    insert = sa.insert(table).values({column.name: _placed(column, to) for column in table.columns})
    change = {column.name: _change(column) for column in table.columns}
    rows = source.execution_options(yield_per=CHUNK).execute(sa.select(*read))
    copied = 0
    for some in rows.partitions():
        to.execute(insert, [{_new(name): change[name](row[name]) for name in change} for row in _dicts(some)])
        copied += len(some)
    return copied


def _dicts(rows: Iterable[sa.Row[Any]]) -> Iterable[Any]:
    return (row._mapping for row in rows)  # noqa: SLF001 - SQLAlchemy's public name for it


def _as_text(column: sa.Column[Any], source: sa.Connection) -> sa.ColumnElement[Any]:
    """Read JSON as text. If it were read as a value, SQL's NULL and JSON's null would be the same."""
    if not isinstance(column.type, sa.JSON):
        return column
    return (
        sa.cast(column, sa.Text) if source.dialect.name == "postgresql" else sa.type_coerce(column, sa.Text)
    )


def _placed(column: sa.Column[Any], to: sa.Connection) -> sa.ColumnElement[Any]:
    if not isinstance(column.type, sa.JSON):
        return sa.bindparam(_new(column.name), type_=column.type)
    text = sa.bindparam(_new(column.name), type_=sa.Text())
    return sa.cast(text, sa.JSON) if to.dialect.name == "postgresql" else text


def _change(column: sa.Column[Any]) -> Callable[[Any], Any]:
    return _utc if isinstance(column.type, sa.DateTime) else _same


def _utc(moment: datetime | None) -> datetime | None:
    """The time in UTC. The time zone is added because SQLite does not store it."""
    known = aware(moment)
    return None if known is None else known.astimezone(UTC)


def _same(value: Any) -> Any:
    return value


def _new(name: str) -> str:
    return f"new_{name}"


def _set_sequences(connection: sa.Connection) -> None:
    """Set PostgreSQL's sequences to the last numbers in use. Copying rows does not change the sequences."""
    for table in _in_order():
        number = table.autoincrement_column
        if number is None:
            continue
        last = sa.select(sa.func.max(number)).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(table.name, number.name)
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1), last.is_not(None))))
