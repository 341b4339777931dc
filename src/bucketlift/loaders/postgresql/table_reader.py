"""Reads tables of a PostgreSQL schema for display."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.postgresql.connecting import Connection, ConnectionTimeouts, connected, place_of
from bucketlift.loaders.postgresql.error_translation import explained
from bucketlift.loaders.postgresql.places import BESIDE
from bucketlift.loaders.table_reader import WAIT, Ask, SqlTableReader, TooSlow, by_table
from bucketlift.ports.table_reader import TableColumn

_COLUMNS = """
    SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), t.typcategory IN ('N', 'D', 'S'),
        a.attgenerated <> ''
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
"""
_BEGIN = """
    BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY;
    SET LOCAL statement_timeout = {milliseconds};
    SET LOCAL lock_timeout = {milliseconds};
    SET LOCAL standard_conforming_strings = on;
"""
_TIMEOUTS = ConnectionTimeouts(connect=1_000)


@dataclass(frozen=True)
class PostgresqlTableReader(SqlTableReader):
    url: str = field(repr=False)
    schema: str = "public"

    def tables(self) -> Mapping[str, tuple[TableColumn, ...]]:
        with self._opened(place_of(self.url)) as ask:
            return by_table(ask(_COLUMNS, [self.schema], seconds=WAIT), BESIDE)

    @contextmanager
    def _opened(self, to: str) -> Iterator[Ask]:
        with connected(self.url, _TIMEOUTS) as connection, explained(to, connection):
            yield _asking(connection)

    def _qualified(self, table: str) -> str:
        return quoted(self.schema, table)

    def _text(self, expression: str, most: int) -> str:
        return f"left(({expression})::text, {most})"

    def _parameter(self, number: int) -> str:
        return f"${number}"


def _asking(connection: Connection) -> Ask:
    def ask(sql: str, values: Sequence[str] = (), *, seconds: float) -> list[tuple[Any, ...]]:
        connection.execute(_BEGIN.format(milliseconds=int(seconds * 1000)))
        try:
            return connection.execute(sql, list(values)).fetchall()
        except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
            raise TooSlow from None
        finally:
            connection.execute("ROLLBACK")

    return ask
