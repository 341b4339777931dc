"""Stores the server's content in an SQLite file, so that it survives kill -9."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bucketlift.testing.backing import Stored

_SCHEMA = """
create table if not exists buckets (name text primary key, region text not null);
create table if not exists objects (
  bucket text not null, key blob not null, body blob not null, etag text not null, modified text not null,
  storage_class text not null, headers text not null, tags text not null, primary key (bucket, key)
);
create table if not exists server (account text not null);
create table if not exists roles (name text primary key, trust text not null, policies text not null);
"""


class StateFile:
    """Stores objects and roles in a file. Every write is durable when the call returns. Keys are values in
    the file, never names of files.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("pragma synchronous = full")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def account(self) -> str | None:
        """The account in the ARNs of the roles; None before the first start."""
        with self._lock:
            found = self._connection.execute("select account from server").fetchone()
        return None if found is None else str(found[0])

    def put_account(self, account: str) -> None:
        self._write("delete from server")
        self._write("insert into server values (?)", account)

    def put_bucket(self, name: str, region: str) -> None:
        self._write("insert or replace into buckets values (?, ?)", name, region)

    def drop_bucket(self, name: str) -> None:
        self._write("delete from buckets where name = ?", name)

    def put_object(self, bucket: str, key: str, stored: Stored) -> None:
        self._write(
            "insert or replace into objects values (?, ?, ?, ?, ?, ?, ?, ?)",
            bucket,
            key.encode(),
            stored.body,
            stored.etag,
            stored.modified.isoformat(),
            stored.storage_class,
            json.dumps(stored.headers),
            json.dumps(stored.tags),
        )

    def drop_object(self, bucket: str, key: str) -> None:
        self._write("delete from objects where bucket = ? and key = ?", bucket, key.encode())

    def put_role(self, name: str, trust: str, policies: dict[str, str]) -> None:
        self._write("insert or replace into roles values (?, ?, ?)", name, trust, json.dumps(policies))

    def drop_role(self, name: str) -> None:
        self._write("delete from roles where name = ?", name)

    def buckets(self) -> dict[str, str]:
        with self._lock:
            return dict(self._connection.execute("select name, region from buckets").fetchall())

    def objects(self) -> Iterator[tuple[str, str, Stored]]:
        with self._lock:
            rows = self._connection.execute("select * from objects").fetchall()
        for bucket, key, body, etag, modified, storage_class, headers, tags in rows:
            yield (
                bucket,
                key.decode(),
                Stored(
                    body=body,
                    etag=etag,
                    modified=datetime.fromisoformat(modified),
                    storage_class=storage_class,
                    headers=json.loads(headers),
                    tags=json.loads(tags),
                ),
            )

    def roles(self) -> list[tuple[str, str, dict[str, str]]]:
        with self._lock:
            rows = self._connection.execute("select name, trust, policies from roles").fetchall()
        return [(name, trust, json.loads(policies)) for name, trust, policies in rows]

    def _write(self, statement: str, *values: object) -> None:
        with self._lock:
            self._connection.execute(statement, values)
