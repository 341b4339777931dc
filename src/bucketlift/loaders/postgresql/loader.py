"""Loads into a PostgreSQL schema. Rows and receipts share one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from bucketlift.errors import BucketliftError
from bucketlift.loaders.places import failed_check
from bucketlift.loaders.postgresql import listing, unloading
from bucketlift.loaders.postgresql.connecting import (
    USUAL,
    Connection,
    ConnectionTimeouts,
    begin,
    connected,
    place_of,
)
from bucketlift.loaders.postgresql.error_translation import explained
from bucketlift.loaders.postgresql.examining import examine
from bucketlift.loaders.postgresql.keeping import watch
from bucketlift.loaders.postgresql.load import PostgresqlLoad
from bucketlift.loaders.postgresql.places import find_place
from bucketlift.loaders.postgresql.receipts import PostgresqlReceipts
from bucketlift.loaders.postgresql.rights import require_rights
from bucketlift.loaders.postgresql.tables import find_table, fit_of, require_schema
from bucketlift.model.finding import Finding
from bucketlift.model.load import LoadId, LoadUnit, Receipt, Target
from bucketlift.ports import Fence, unfenced
from bucketlift.rules.load_unit import Filling


class PostgresqlLoader:
    """The loader for one schema of one database. Each unit uses a separate connection."""

    def __init__(
        self,
        url: str,
        *,
        schema: str = "public",
        receipts: str | None = None,
        installation: str = "",
        timeouts: ConnectionTimeouts = USUAL,
    ) -> None:
        """Create a loader.

        ``url`` is in libpq's format. ``receipts`` is ``SCHEMA.TABLE``, or None to choose the best table.
        ``installation`` is written to each receipt. A receipt without an installation belongs to every
        installation.
        """
        self._url = url
        self._schema = schema
        self._chosen = receipts
        self._installation = installation
        self._patience = timeouts

    def receipts(self, loads: Collection[LoadId]) -> Mapping[LoadId, Receipt]:
        with self._reading() as receipts:
            return receipts.find(loads)

    def receipts_since(self, moment: datetime) -> tuple[Receipt, ...]:
        with self._reading() as receipts:
            return receipts.since(moment)

    def rows(self, target: Target, loads: Collection[LoadId]) -> Mapping[LoadId, int] | None:
        with self._transaction(f"table {target.table}", target) as connection:
            return unloading.count(connection, self._schema, target, loads)

    def size(self, target: Target) -> int | None:
        with self._transaction(f"table {target.table}", target) as connection:
            return unloading.size(connection, self._schema, target)

    def unload(self, target: Target, load: LoadId, fence: Fence = unfenced) -> int:
        with self._transaction(f"table {target.table}", target) as connection:
            return unloading.unload(connection, self._receipts(connection), target, load, fence)

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        with self._transaction(place_of(self._url)) as connection:
            return listing.columns(connection, self._schema)

    def examine(self) -> tuple[Finding, ...]:
        try:
            with connected(self._url, self._patience) as connection, explained(place_of(self._url)):
                return examine(connection, self._schema, self._chosen)
        except BucketliftError as error:
            return (failed_check("reach", error),)

    @contextmanager
    def begin(self, unit: LoadUnit) -> Iterator[PostgresqlLoad]:
        filling = Filling(unit=unit)
        with connected(self._url, self._patience) as connection:
            load = self._start(connection, unit, filling)
            try:
                yield load
            finally:
                load.close()

    def _start(self, connection: Connection, unit: LoadUnit, filling: Filling) -> PostgresqlLoad:
        target = unit.target
        with explained(f"table {target.table}", connection, [(self._schema, target.table)]):
            begin(connection, self._patience)
            table = find_table(connection, self._schema, target)
            fit = fit_of(self._schema, target, table)
            require_schema(connection, self._schema, target, makes=table is None)
            if table:
                require_rights(self._schema, target, table, fit)
            load = PostgresqlLoad(
                connection=connection,
                schema=self._schema,
                unit=unit,
                fit=fit,
                table=table,
                receipts=self._receipts(connection),
                filling=filling,
                watch=watch(connection, self._schema, table, target),
            )
            load.start()
        return load

    @contextmanager
    def _reading(self) -> Iterator[PostgresqlReceipts]:
        with self._transaction(place_of(self._url)) as connection:
            yield self._receipts(connection)

    @contextmanager
    def _transaction(self, to: str, target: Target | None = None) -> Iterator[Connection]:
        """Open a transaction. If it is not committed in the block, it is rolled back."""
        tables = [(self._schema, target.table)] if target else []
        with connected(self._url, self._patience) as connection, explained(to, connection, tables):
            begin(connection, self._patience)
            yield connection

    def _receipts(self, connection: Connection) -> PostgresqlReceipts:
        place = find_place(connection, self._schema, self._chosen)
        return PostgresqlReceipts(
            connection=connection, place=place, schema=self._schema, installation=self._installation
        )
