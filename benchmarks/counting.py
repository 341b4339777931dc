"""How many rows came to a destination: figures of a load that lost some are none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def in_duckdb(path: Path, table: str = "employees") -> int:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - names of ours
    return int(found[0]) if found else 0


def in_sqlite(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (rows,) = connection.execute("SELECT count(*) FROM employees").fetchone()
    return int(rows)


def in_postgresql(url: str, table: str = "employees") -> int:
    import psycopg

    with psycopg.connect(url) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - names of ours
    return int(found[0]) if found else 0
