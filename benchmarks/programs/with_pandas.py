"""pandas: a CSV file of a bucket into SQLite or PostgreSQL, in chunks.

python with_pandas.py sqlite|postgresql KEY PLACE

SQLite has the pragmas of Bucketlift's loader. PostgreSQL is written by COPY, by a `method` as the guide of to_sql has one.
"""

import csv
import io
import os
import sqlite3
import sys
from collections.abc import Iterable
from typing import Any

import pandas as pd

CHUNK = 100_000
PRAGMAS = "PRAGMA cache_size = -65536; PRAGMA temp_store = FILE; PRAGMA foreign_keys = ON; PRAGMA synchronous = EXTRA;"


def chunks(key: str) -> Any:
    options = {"client_kwargs": {"endpoint_url": os.environ["AWS_ENDPOINT_URL"]}}
    return pd.read_csv(
        f"s3://drop/{key}", dtype=str, keep_default_na=False, chunksize=CHUNK, storage_options=options
    )


def by_copy(table: Any, connection: Any, columns: list[str], rows: Iterable[Any]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    names = ", ".join(f'"{column}"' for column in columns)
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT csv)') as copy,
    ):
        copy.write(text.getvalue())


def to_sqlite(key: str, place: str) -> None:
    connection = sqlite3.connect(place)
    connection.executescript(PRAGMAS)
    with connection:
        for chunk in chunks(key):
            chunk.to_sql("employees", connection, if_exists="append", index=False)
    connection.close()


def to_postgresql(key: str, place: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(place.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        for chunk in chunks(key):
            chunk.to_sql("employees", connection, if_exists="append", index=False, method=by_copy)


kind, key, place = sys.argv[1:]
(to_sqlite if kind == "sqlite" else to_postgresql)(key, place)
