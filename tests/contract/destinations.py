"""Destinations for the loader suite: a loader, and a way to look in that is not the loader's own."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
from psycopg.rows import dict_row

from bucketlift.loaders.duckdb import DuckdbLoader
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.postgresql import PostgresqlLoader
from bucketlift.loaders.sqlite import SqliteLoader
from bucketlift.model.load import Column, Lineage, LoadId, LoadUnit, Receipt, Target, WriteMode
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.model.types import TypeName, ValueType
from bucketlift.ports import Fence, Loader, unfenced
from bucketlift.tabular.types.arrow_types import arrow_type
from bucketlift.testing.memory_loader import MemoryLoader


@dataclass(frozen=True, kw_only=True)
class Lookout:
    """``table(name)`` is the table's rows by column, sorted; None where there is no table."""

    loader: Loader
    table: Callable[[str], list[dict[str, Any]] | None]
    of: Callable[[str], Loader]
    """A loader of another installation, by its name, into the same destination."""
    drop: Callable[[str], object]
    """What a person does to a table that is no longer wanted."""
    spoil: Callable[[str], object] | None = None
    """Makes a table drop, without an error, each row that is inserted or updated with the name ``lost``; None
    where no table of the destination can do so."""
    mend: Callable[[str], object] | None = None
    """Undoes ``spoil``."""
    meant: Callable[[ValueType, Any], Any] = lambda _, stored: stored
    """The Python value that the destination says with what it has stored for a type."""

    def load(self, unit: LoadUnit, *files: RowStream, fence: Fence = unfenced) -> tuple[Receipt, ...]:
        """The unit's loads in order, one file each (in replace mode all under the one)."""
        loads = unit.loads * len(files) if unit.target.mode is WriteMode.REPLACE else unit.loads
        with self.loader.begin(unit) as load:
            for name, rows in zip(loads, files, strict=True):
                load.write(name, rows)
            return load.commit(fence)


def memory(path: Path) -> Lookout:
    loader = MemoryLoader(installation="ours")

    def table(name):
        known = loader.tables.get(name)
        return None if known is None else in_order(known.rows)

    def spoil(name):
        loader.tables[name].keeps = lambda row: row["name"] != "lost"

    def mend(name):
        loader.tables[name].keeps = lambda _: True

    return Lookout(
        loader=loader,
        table=table,
        of=lambda name: replace(loader, installation=name),
        drop=loader.tables.pop,
        spoil=spoil,
        mend=mend,
    )


def duckdb_file(path: Path) -> Lookout:
    file = path / "warehouse.duckdb"

    def drop(name):
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"DROP TABLE {quoted(name)}")

    return Lookout(
        loader=DuckdbLoader(file, installation="ours"),
        table=lambda name: rows_of(file, name),
        of=lambda name: DuckdbLoader(file, installation=name),
        drop=drop,
    )


def rows_of(file: Path, name: str) -> list[dict[str, Any]] | None:
    """Moments come in UTC."""
    if not file.exists():
        return None
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("SET python_enable_replacements = false")  # else a name may find a Python object
        connection.execute("SET TimeZone = 'UTC'")
        try:
            # By way of Arrow, because fetching a moment asks for a library of time zones.
            found = connection.sql(f"SELECT * FROM main.{quoted(name)}").to_arrow_table()  # noqa: S608  the name is quoted
        except duckdb.CatalogException:
            return None
        return in_order(found.to_pylist())


def sqlite_file(path: Path) -> Lookout:
    file = path / "warehouse.sqlite"

    def drop(name):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(f"DROP TABLE {quoted(name)}")

    person = person_in_sqlite(file)

    def spoil(name):
        for event in ("INSERT", "UPDATE"):
            when = f"BEFORE {event} ON {quoted(name)} WHEN NEW.name = 'lost'"
            person(f"CREATE TRIGGER lose_{event} {when} BEGIN SELECT RAISE(IGNORE);END")

    return Lookout(
        spoil=spoil,
        mend=lambda _: person("DROP TRIGGER lose_insert; DROP TRIGGER lose_update"),
        loader=SqliteLoader(file, installation="ours", wait=0.0),
        table=lambda name: sqlite_rows_of(file, name),
        of=lambda name: SqliteLoader(file, installation=name),
        drop=drop,
        meant=_meant_in_sqlite,
    )


def sqlite_rows_of(file: Path, name: str) -> list[dict[str, Any]] | None:
    if not file.exists():
        return None
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        if not connection.execute(
            "SELECT 1 FROM sqlite_schema WHERE lower(name) = lower(?)", [name]
        ).fetchall():
            return None
        found = connection.execute(f"SELECT * FROM main.{quoted(name)}")  # noqa: S608  the name is quoted
        names = [column[0] for column in found.description]
        return in_order(dict(zip(names, row, strict=True)) for row in found)


def _meant_in_sqlite(kind: ValueType, stored: Any) -> Any:
    """SQLite has no dates, no booleans and no exact decimals: they are texts and numbers there."""
    readers: dict[TypeName, Callable[[Any], Any]] = {
        TypeName.BOOLEAN: {0: False, 1: True}.__getitem__,
        TypeName.DATE: date.fromisoformat,
        TypeName.TIMESTAMP: datetime.fromisoformat,
        TypeName.DECIMAL: Decimal,
    }
    return stored if stored is None or kind.name not in readers else readers[kind.name](stored)


def person_in_duckdb(file: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    """Runs statements; the last one's rows are answered."""

    def execute(sql):
        with duckdb.connect(str(file)) as connection:
            return connection.execute(sql).fetchall()

    return execute


def person_in_sqlite(file: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    """Runs statements, each ended by a semicolon and a space; the last one's rows are answered."""

    def execute(sql):
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            found = []
            for statement in sql.split("; "):
                found = connection.execute(statement).fetchall()
            return found

    return execute


def postgresql_schema(url: str) -> Lookout:
    """A new schema: a database of its own for each test would take much longer."""
    schema = f"s{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")

    def drop(name):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP TABLE {quoted(schema, name)}")

    def spoil(name):
        body = "BEGIN IF NEW.name = 'lost' THEN RETURN NULL; END IF; RETURN NEW; END"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                f"CREATE FUNCTION {schema}.lose() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$;"
                f"CREATE TRIGGER lose BEFORE INSERT OR UPDATE ON {quoted(schema, name)}"
                f" FOR EACH ROW EXECUTE FUNCTION {schema}.lose()"
            )

    def mend(name):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP TRIGGER lose ON {quoted(schema, name)}")

    return Lookout(
        spoil=spoil,
        mend=mend,
        loader=PostgresqlLoader(url, schema=schema, installation="ours"),
        table=lambda name: postgresql_rows_of(url, schema, name),
        of=lambda name: PostgresqlLoader(url, schema=schema, installation=name),
        drop=drop,
    )


def postgresql_rows_of(url: str, schema: str, name: str) -> list[dict[str, Any]] | None:
    """Moments come in UTC."""
    with psycopg.connect(url, options="-c TimeZone=UTC", row_factory=dict_row) as connection:
        try:
            found = connection.execute(f"SELECT * FROM {quoted(schema, name)}")  # noqa: S608  the name is quoted
        except psycopg.errors.UndefinedTable:
            return None
        return in_order(found.fetchall())


def in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [(value is not None, value) for value in row.values()])


def a_target(*columns: str | tuple[str, str] | Column, **settings: Any) -> Target:
    """Columns of their fields' names, or (column, field)."""
    named = tuple(_column(each) for each in columns or ("id", "name"))
    return Target(**{"table": "people", "columns": named, "lineage": Lineage.OFF} | settings)


def _column(told: str | tuple[str, str] | Column) -> Column:
    match told:
        case Column():
            return told
        case str():
            return Column(name=told, field=told)
        case (name, source):
            return Column(name=name, field=source)


def a_unit(*loads: str, target: Target | None = None) -> LoadUnit:
    return LoadUnit(target=target or a_target(), loads=tuple(LoadId(load) for load in loads or ("load-1",)))


def a_file(
    *rows: tuple[str | None, ...], fields: tuple[str, ...] = ("id", "name"), first_line: int = 2
) -> RowStream:
    """Staged rows as the reader leaves them: text, and the line each begins on."""
    schema = pa.schema([(field, pa.string()) for field in fields] + [(SOURCE_LINE, pa.int64())])
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(fields))]
    lines = pa.array(range(first_line, first_line + len(rows)), pa.int64())
    batch = pa.RecordBatch.from_arrays([*columns, lines], schema=schema)
    return RowStream(schema=schema, batches=iter([batch] if rows else []))


def a_typed_file(columns: Mapping[str, tuple[ValueType, Sequence[Any]]]) -> RowStream:
    """Staged values by field: what each holds, and one value for each row."""
    arrays = [pa.array(values, arrow_type(kind)) for kind, values in columns.values()]
    lines = pa.array(range(2, 2 + len(arrays[0])), pa.int64())
    batch = pa.RecordBatch.from_arrays([*arrays, lines], names=[*columns, SOURCE_LINE])
    return RowStream(schema=batch.schema, batches=iter([batch]))


def a_long_file(size: int, step: int = 1_000) -> RowStream:
    """Rows whose id, name and line are their number from 0, in batches of ``step``."""
    schema = a_file().schema

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, size, step):
            numbers = pa.array(range(start, min(size, start + step)), pa.int64())
            texts = numbers.cast(pa.string())
            yield pa.RecordBatch.from_arrays([texts, texts, numbers], schema=schema)

    return RowStream(schema=schema, batches=batches())


def people(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return in_order({"id": number, "name": name} for number, name in pairs)


def counts(receipts: Iterable[Receipt]) -> list[tuple[str, int, int, int]]:
    """(load, inserted, updated, unchanged) of each."""
    return [(each.load, each.inserted, each.updated, each.unchanged) for each in receipts]
