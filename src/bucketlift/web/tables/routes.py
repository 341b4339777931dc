"""The tables of a destination, and one table: its columns, some rows, its loads by file and by day."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response

from bucketlift.errors import BucketliftError
from bucketlift.model.account import DirectoryDestination
from bucketlift.model.claim import Claim
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import COMMITTED
from bucketlift.model.load import LoadId
from bucketlift.model.user import Right
from bucketlift.ports.table_reader import LONGEST_CELL
from bucketlift.service.destinations import tables
from bucketlift.service.destinations.tables import TableContents
from bucketlift.web.files.cells import visible
from bucketlift.web.render import environment, go, render
from bucketlift.web.visit import Seeing, Visit

router = APIRouter(prefix="/destinations")


@router.get("/{name}/tables")
def show_all(request: Request, visit: Seeing, name: str) -> Response:
    found = tables.tables_of(visit.app, name, others=visit.user.may(Right.EDIT))
    return render(
        request,
        "tables/list.html",
        found=found,
        titles={each.key: each.title for each in visit.app.ledger.catalog.readable()},
        is_directory=isinstance(found.destination.settings, DirectoryDestination),
    )


@router.get("/{name}/table")
def show(
    request: Request,
    visit: Seeing,
    name: str,
    table: str = "",
    file: str = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """Show a table. ``file``: show only rows that this file has loaded."""
    if not table:
        return go(request, f"/destinations/{quote(name, safe='')}/tables")
    known = tables.table_loads(visit.app, name, table, page=page)
    chosen: Claim | None = None
    loads: tuple[LoadId, ...] = ()
    if file:
        chosen, loads = tables.loads_of_file(visit.app, name, table, file)
    contents, error = _contents(visit, name, table, loads)
    return render(
        request,
        "tables/table.html",
        destination=visit.app.ledger.catalog.destination(name),
        table=table,
        chosen=chosen,
        contents=contents,
        error=error,
        cells=visit.user.may(Right.SEE_CELLS),
        loads=known.files[: tables.FILES],
        more=len(known.files) > tables.FILES,
        page=page,
        days=known.days,
        titles={each.key: each.title for each in visit.app.ledger.catalog.readable()},
        unloadable=_unloadable,
        visible=visible,
        most=LONGEST_CELL,
    )


def _contents(
    visit: Visit, name: str, table: str, loads: tuple[LoadId, ...]
) -> tuple[TableContents | None, BucketliftError | None]:
    try:
        cells = visit.user.may(Right.SEE_CELLS)
        return tables.table_contents(visit.app, name, table, cells=cells, loads=loads), None
    except BucketliftError as error:
        return None, error


def _unloadable(claim: Claim) -> bool:
    return claim.state in COMMITTED or claim.reason == HeldReason.UNLOADING


def table_address(destination: str, table: str, **more: str | int) -> str:
    """The address of the page of a table. ``more``: further parameters; empty ones are left out."""
    given = {name: value for name, value in more.items() if value}
    return f"/destinations/{quote(destination, safe='')}/table?{urlencode({'table': table, **given})}"


environment.globals["table_address"] = table_address
