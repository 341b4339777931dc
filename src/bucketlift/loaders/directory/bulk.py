"""Writes and reads many rows at once with statements of the driver, without SQLAlchemy's cost per row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from bucketlift.loaders.directory.chunks import chunks

IN_COPY = 1_000
"""Minimum number of rows for a COPY. For fewer rows, the start of a COPY takes more time than it saves."""


def insert(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Any]) -> None:
    """Add rows. Each row is a tuple in the order of ``columns``."""
    if not rows:
        return
    names = ", ".join(_quoted(connection, name) for name in columns)
    into = f"{named(connection, table)} ({names})"
    if connection.dialect.name == "sqlite" or len(rows) < IN_COPY:
        marks = ", ".join([_placeholder(connection)] * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", list(rows))  # noqa: S608  quoted names
    else:
        _copy(connection, into, rows)


def update(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Any], *, key: str
) -> None:
    """Change rows. Each row is a tuple in the order of ``columns``, with the value of ``key`` as its last
    item.
    """
    if not rows:
        return
    mark = _placeholder(connection)
    changes = ", ".join(f"{_quoted(connection, name)} = {mark}" for name in columns)
    where = f"{_quoted(connection, key)} = {mark}"
    connection.exec_driver_sql(
        f"UPDATE {named(connection, table)} SET {changes} WHERE {where}",  # noqa: S608  quoted names
        list(rows),
    )


def delete_keys(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Any]
) -> None:
    """Delete the rows whose values in ``columns`` are one of these tuples."""
    if not rows:
        return
    mark = _placeholder(connection)
    where = " AND ".join(f"{_quoted(connection, name)} = {mark}" for name in columns)
    connection.exec_driver_sql(f"DELETE FROM {named(connection, table)} WHERE {where}", list(rows))  # noqa: S608  quoted names


def select_in(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[str],
    wanted: tuple[str, Sequence[Any]],
    *,
    where: str = "",
) -> Iterator[Any]:
    """Yield the rows that have one of these values in a column. ``wanted``: the name of the column, and the
    values.

    ``where`` is a further condition in SQL.
    """
    column, values = wanted
    names = ", ".join(_quoted(connection, name) for name in columns)
    start = f"SELECT {names} FROM {named(connection, table)} WHERE {where}{_quoted(connection, column)}"  # noqa: S608  quoted names
    for some in chunks(values):
        if connection.dialect.name == "sqlite":
            yield from connection.exec_driver_sql(f"{start} IN ({', '.join('?' * len(some))})", tuple(some))
        else:
            yield from connection.exec_driver_sql(f"{start} = ANY(%s)", (some,))


def named(connection: sa.Connection, table: sa.Table) -> str:
    """The table's name for SQL. On a PostgreSQL server, the name includes the schema."""
    schema = connection.get_execution_options().get("schema_translate_map", {}).get(None)
    name = _quoted(connection, table.name)
    return name if schema is None else f"{_quoted(connection, schema)}.{name}".replace("%", "%%")


def _placeholder(connection: sa.Connection) -> str:
    """The placeholder that the driver uses for a parameter."""
    return "?" if connection.dialect.name == "sqlite" else "%s"


def _quoted(connection: sa.Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _copy(connection: sa.Connection, into: str, rows: Sequence[Any]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {into.replace('%%', '%')} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
