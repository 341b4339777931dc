"""Readers of others, as their users set them for strict and for lenient work, and as far as they are installed."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pollution.case import Base
from pollution.judge import Read
from pollution.readers import REFUSED, Reader
from pollution.tables import Row

if TYPE_CHECKING:
    import duckdb


def below_header(records: Sequence[Sequence[str]], base: Base) -> Read:
    """With the check of names that a careful user makes: without it, they would look far worse."""
    names = list(base.table.names)
    if not records or sorted(records[0]) != sorted(names):
        return REFUSED
    where = [records[0].index(name) for name in names]
    return Read(rows=tuple(_ordered(tuple(each), where) for each in records[1:]))


def _ordered(row: Row, where: Sequence[int]) -> Row:
    return tuple(row[column] for column in where) if len(row) == len(where) else row


def python_csv(path: Path, base: Base, *, strict: bool = False) -> Read:
    csv.field_size_limit(1 << 30)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            records = [
                each for each in csv.reader(file, delimiter=base.style.delimiter, strict=strict) if each
            ]
    except (csv.Error, UnicodeDecodeError):
        return REFUSED
    return below_header(records, base)


def python_csv_strict(path: Path, base: Base) -> Read:
    return python_csv(path, base, strict=True)


def duckdb_strict(path: Path, base: Base) -> Read:
    return _duckdb(path, base, "strict_mode=true")


def duckdb_lenient(path: Path, base: Base) -> Read:
    return _duckdb(path, base, "strict_mode=false, null_padding=true, ignore_errors=true, parallel=false")


def duckdb_rejects(path: Path, base: Base) -> Read:
    """Strict, with its table of rejects, so that a row that is missing has been told."""
    return _duckdb(path, base, "strict_mode=true, store_rejects=true")


def _duckdb(path: Path, base: Base, settings: str) -> Read:
    """With the columns declared: left to find out for itself, it takes other lines for the header."""
    import duckdb  # noqa: PLC0415

    if not _has_header(path, base):
        return REFUSED
    columns = ", ".join(f"'{name}': 'varchar'" for name in base.table.names)
    query = (
        "from read_csv(?, delim=?, quote='\"', escape='\"', header=true, auto_detect=false,"
        f" columns={{{columns}}}, {settings})"
    )
    connection = _connection()
    try:
        for table in ("reject_errors", "reject_scans"):
            connection.execute(f"drop table if exists {table}")
        rows = connection.execute(query, [str(path), base.style.delimiter]).fetchall()
        told = connection.execute("select line_byte_position, csv_line from reject_errors").fetchall()
    except duckdb.CatalogException:
        told = []
    except (duckdb.Error, UnicodeDecodeError):
        return REFUSED
    return Read(
        rows=tuple(tuple(text or "" for text in row) for row in rows),
        rejects=tuple((at, at + max(1, len(line.encode()))) for at, line in told if at is not None),
    )


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    import duckdb  # noqa: PLC0415

    return duckdb.connect(config={"threads": 1})


def _has_header(path: Path, base: Base) -> bool:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file, delimiter=base.style.delimiter), None) == list(base.table.names)
    except (csv.Error, UnicodeDecodeError):
        return False


def pyarrow_strict(path: Path, base: Base) -> Read:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv as arrow_csv  # noqa: PLC0415

    names = base.table.names
    try:
        table = arrow_csv.read_csv(
            path,
            parse_options=arrow_csv.ParseOptions(delimiter=base.style.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        if sorted(table.column_names) != sorted(names):
            return REFUSED
        columns = [table.column(name).to_pylist() for name in names]
    except (pa.ArrowException, UnicodeDecodeError):
        return REFUSED
    return Read(rows=tuple(zip(*columns, strict=True)))


def pandas_strict(path: Path, base: Base) -> Read:
    import pandas as pd  # noqa: PLC0415

    try:
        frame = pd.read_csv(path, sep=base.style.delimiter, dtype=str, keep_default_na=False)
    except (ValueError, pd.errors.ParserError):
        return REFUSED
    if sorted(frame.columns) != sorted(base.table.names):
        return REFUSED
    rows = frame[list(base.table.names)].itertuples(index=False, name=None)
    return Read(rows=tuple(tuple(str(cell) for cell in row) for row in rows))


def polars_strict(path: Path, base: Base) -> Read:
    import polars as pl  # noqa: PLC0415

    try:
        frame = pl.read_csv(
            path, separator=base.style.delimiter, infer_schema=False, missing_utf8_is_empty_string=True
        )
    except (ValueError, pl.exceptions.PolarsError):
        return REFUSED
    if sorted(frame.columns) != sorted(base.table.names):
        return REFUSED
    return Read(rows=tuple(frame.select(base.table.names).iter_rows()))


_PEERS: dict[str, tuple[str, Reader]] = {
    "python csv, strict": ("csv", python_csv_strict),
    "python csv": ("csv", python_csv),
    "duckdb, strict": ("duckdb", duckdb_strict),
    "duckdb, strict, rejects": ("duckdb", duckdb_rejects),
    "duckdb, lenient": ("duckdb", duckdb_lenient),
    "pyarrow": ("pyarrow", pyarrow_strict),
    "pandas": ("pandas", pandas_strict),
    "polars": ("polars", polars_strict),
}
PEERS = {name: reader for name, (module, reader) in _PEERS.items() if find_spec(module)}
ABSENT = tuple(name for name in _PEERS if name not in PEERS)
