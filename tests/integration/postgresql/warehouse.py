"""A schema of a real PostgreSQL server, with a person who looks in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.postgresql import PostgresqlLoader
from bucketlift.loaders.postgresql.connecting import ConnectionTimeouts
from bucketlift.model.load import LoadUnit, Receipt, WriteMode
from bucketlift.model.rows import RowStream
from contract.destinations import in_order

BRISK = ConnectionTimeouts(lock=200, idle=10 * 60_000)
"""Does not wait long for others; on a busy machine it may itself take long between two statements."""


@dataclass(frozen=True, kw_only=True)
class Warehouse:
    url: str
    schema: str

    def loader(self, *, user: str | None = None, **settings: Any) -> PostgresqlLoader:
        url = make_conninfo(self.url, user=user) if user else self.url
        return PostgresqlLoader(url, **{"schema": self.schema} | settings)

    def load(
        self, unit: LoadUnit, *files: RowStream, loader: PostgresqlLoader | None = None
    ) -> tuple[Receipt, ...]:
        """The unit's loads in order, one file each (in replace mode all under the one)."""
        loads = unit.loads * len(files) if unit.target.mode is WriteMode.REPLACE else unit.loads
        with (loader or self.loader()).begin(unit) as load:
            for name, rows in zip(loads, files, strict=True):
                load.write(name, rows)
            return load.commit()

    def person(self, sql: str) -> list[dict[str, Any]]:
        """What somebody does with a client of their own."""
        with self.session() as session:
            cursor = session.execute(sql)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        path = f"-c search_path={self.schema} -c TimeZone=UTC"
        with psycopg.connect(
            self.url, autocommit=True, options=path, application_name="psql", row_factory=dict_row
        ) as session:
            yield session

    def rows(self, table: str = "people") -> list[dict[str, Any]]:
        return in_order(self.person(f"SELECT * FROM {quoted(table)}"))  # noqa: S608  the name is quoted

    def a_user(self, *grants: str) -> str:
        """A user who may use the schema, and what is granted beyond that (``{user}`` stands for the name)."""
        user = f"u{secrets.token_hex(6)}"
        self.person(f"CREATE ROLE {user} LOGIN; GRANT USAGE ON SCHEMA {self.schema} TO {user}")
        for grant in grants:
            self.person(f"GRANT {grant} TO {user}")
        return user


def a_warehouse(url: str) -> Warehouse:
    schema = f"s{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    return Warehouse(url=url, schema=schema)
