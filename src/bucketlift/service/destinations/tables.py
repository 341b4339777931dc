"""The tables of a destination: what workflows load into them, and what they contain now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bucketlift.errors import BucketliftError, NotFound
from bucketlift.ledger.claims.loaded_tables import FileLoad, LoadedDay, LoadedTable
from bucketlift.model.account import Destination, DirectoryDestination
from bucketlift.model.claim import Claim
from bucketlift.model.directory.people import MailingList
from bucketlift.model.load import LoadId
from bucketlift.model.rows import LOAD_ID
from bucketlift.ports import TableReader
from bucketlift.ports.table_reader import Row, TableColumn, TableSummary
from bucketlift.rules.targets import NAMINGS, Naming
from bucketlift.service.core.app import App
from bucketlift.service.core.fleet import require_places
from bucketlift.service.destinations.time_limit import ANSWER, LONGEST, within

DAYS = 30
"""Number of days in the sums per day."""
FILES = 50
"""Number of files on a page."""
_EXACT = Naming(case_sensitive=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTable:
    """A table that workflows load into, or have loaded into."""

    name: str
    workflows: tuple[str, ...]
    """Keys of the workflows that load into it now."""
    loaded: LoadedTable | None
    """What the receipts say; None if nothing was loaded yet."""
    exists: bool | None
    """Whether the table is there now; None if this is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationTables:
    destination: Destination
    tables: tuple[KnownTable, ...]
    others: tuple[str, ...] = ()
    """Names of the other tables in the database or schema."""
    lists: tuple[MailingList, ...] = ()
    """The mailing lists of a directory."""
    error: BucketliftError | None = None
    """Why the destination could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContents:
    columns: tuple[TableColumn, ...]
    summary: TableSummary | None
    rows: tuple[Row, ...] | None = None
    """Some rows; None if they took too long, or if they must not be shown."""
    lineage: bool
    """Whether the table has a column with the loads of its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLoads:
    """What the ledger knows of the loads into a table."""

    files: tuple[FileLoad, ...]
    """One more than ``FILES`` if there is another page."""
    days: tuple[LoadedDay, ...]


def tables_of(app: App, name: str, *, others: bool) -> DestinationTables:
    """The tables of a destination. ``others``: whether to list tables that no workflow loads into, too.

    Raises:
        NotFound: there is no such destination.
    """
    destination = app.ledger.catalog.destination(name)
    lists: tuple[MailingList, ...] = ()
    present: Collection[str] | None = None
    error: BucketliftError | None = None
    try:
        require_places(app, [name])
        if isinstance(destination.settings, DirectoryDestination):
            directory = app.connections.directory(name)
            lists = within(ANSWER, directory.lists)
        elif (reader := app.connections.table_reader(name)) is not None:
            present = within(ANSWER, reader.tables).keys()
    except BucketliftError as why:
        error = why
    known = _known(app, destination, present)
    naming = _naming(destination)
    ours = {naming.fold(each.name) for each in known}
    rest = tuple(each for each in present or () if naming.fold(each) not in ours)
    return DestinationTables(
        destination=destination, tables=known, others=rest if others else (), lists=lists, error=error
    )


def table_contents(
    app: App, destination: str, table: str, *, cells: bool, loads: Collection[LoadId] = ()
) -> TableContents | None:
    """The columns of a table with facts about them, and some rows if ``cells`` may be shown. None if the
    destination has no tables, or if the table does not exist now.

    Raises:
        NotFound: there is no such destination, or no workflow has loaded into this table.
        RequestWrong, Transient, NeedsPerson: the destination cannot be read now.
    """
    found = app.ledger.catalog.destination(destination)
    spellings(app, destination, table)
    require_places(app, [destination])
    reader = app.connections.table_reader(destination)
    if reader is None:
        return None
    present = within(ANSWER, reader.tables)
    fold = _naming(found).fold
    name = next((each for each in present if fold(each) == fold(table)), None)
    return None if name is None else _contents(reader, name, present[name], cells=cells, loads=loads)


def _contents(
    reader: TableReader,
    name: str,
    columns: tuple[TableColumn, ...],
    *,
    cells: bool,
    loads: Collection[LoadId],
) -> TableContents:
    lineage = any(each.name == LOAD_ID for each in columns)
    chosen = loads if lineage else ()
    return TableContents(
        columns=columns,
        summary=within(LONGEST, lambda: reader.summary(name, columns, extremes=cells)),
        rows=within(LONGEST, lambda: reader.rows(name, columns, loads=chosen)) if cells else None,
        lineage=lineage,
    )


def table_loads(app: App, destination: str, table: str, *, page: int = 1) -> TableLoads:
    """The files that were loaded into a table, and sums of the last days.

    Raises: NotFound as in ``table_contents``.
    """
    names = spellings(app, destination, table)
    today = datetime.combine(app.now().date(), datetime.min.time(), UTC)
    return TableLoads(
        files=app.ledger.loaded_tables.files(destination, names, limit=FILES + 1, offset=(page - 1) * FILES),
        days=app.ledger.loaded_tables.days(destination, names, since=today - timedelta(days=DAYS - 1)),
    )


def loads_of_file(app: App, destination: str, table: str, file: str) -> tuple[Claim, tuple[LoadId, ...]]:
    """A file, and its loads into a table.

    Raises:
        NotFound: there is no such file, or it was not loaded into this table.
    """
    claim = app.ledger.claims.get(file)
    names = spellings(app, destination, table)
    receipts = app.ledger.claims.receipts([claim.id]).get(claim.id, {}).values()
    loads = tuple(each.load for each in receipts if each.destination == destination and each.table in names)
    if not loads:
        raise NotFound(
            "The file is not loaded into this table",
            to=str(claim.source),
            hint="Open the table to see the files that are loaded.",
        )
    return claim, loads


def spellings(app: App, destination: str, table: str) -> tuple[str, ...]:
    """The names under which workflows load into a table, or have loaded into it.

    Raises:
        NotFound: there is no such destination, or no workflow has loaded into this table.
    """
    found = app.ledger.catalog.destination(destination)
    fold = _naming(found).fold
    names = {*app.ledger.loaded_tables.names(destination), *(name for name, _ in _targets(app, destination))}
    same = tuple(sorted(each for each in names if fold(each) == fold(table)))
    if not same:
        raise NotFound(
            "No workflow loads into a table with this name",
            to=f"{destination}.{table}",
            hint="Open the destination to see its tables.",
        )
    return same


def _known(app: App, destination: Destination, present: Collection[str] | None) -> tuple[KnownTable, ...]:
    fold = _naming(destination).fold
    loaded: dict[str, LoadedTable] = {}
    for each in app.ledger.loaded_tables.of(destination.name):
        loaded.setdefault(fold(each.table), each)
    flows: dict[str, dict[str, None]] = {}
    names = {folded: each.table for folded, each in loaded.items()}
    for table, workflow in _targets(app, destination.name):
        flows.setdefault(fold(table), {})[workflow] = None
        names.setdefault(fold(table), table)
    there = None if present is None else {fold(each) for each in present}
    return tuple(
        KnownTable(
            name=name,
            workflows=tuple(flows.get(folded, ())),
            loaded=loaded.get(folded),
            exists=None if there is None else folded in there,
        )
        for folded, name in sorted(names.items())
    )


def _targets(app: App, destination: str) -> list[tuple[str, str]]:
    """The tables that workflows load into, each with the key of the workflow."""
    return [
        (load.target.table, flow.key)
        for flow in app.ledger.catalog.readable()
        for load in flow.loads
        if load.destination == destination
    ]


def _naming(destination: Destination) -> Naming:
    return NAMINGS.get(destination.settings.kind, _EXACT)
