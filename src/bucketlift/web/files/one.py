"""The page of a file, on which users decide about it."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from bucketlift.errors import BucketliftError, NotFound, RequestWrong
from bucketlift.model.directory.people import UndoEffect
from bucketlift.service.core.app import App
from bucketlift.service.files import adoption, attention, decisions, deliveries, differences, outbox
from bucketlift.service.files.file_detail import DECISIONS, file_detail
from bucketlift.service.projects import encodings
from bucketlift.service.runs import unloads
from bucketlift.web.files.cells import visible
from bucketlift.web.render import go, render
from bucketlift.web.visit import Editing, Running, Seeing, SeeingCells

router = APIRouter()
MOST_CHUNKS = 2**31 - 1


@router.get("/files/{file}")
def show(request: Request, visit: Seeing, file: str) -> Response:
    return render(request, "files/file.html", file=file_detail(visit.app, file), now=visit.app.now())


@router.get("/files/{file}/difference")
def difference(request: Request, visit: SeeingCells, file: str) -> Response:
    """Show how the header differs from the contract. This needs the right to see cells: if the file has no
    header row, the names are cells.
    """
    found, error = None, None
    try:
        found = differences.difference(visit.app, file)
    except NotFound:
        raise
    except BucketliftError as why:
        error = why
    return render(
        request,
        "files/part_difference.html",
        file=file_detail(visit.app, file),
        difference=found,
        error=error,
        visible=visible,
        Kind=differences.Kind,
    )


@router.get("/files/{file}/encodings")
def show_encodings(request: Request, visit: SeeingCells, file: str) -> Response:
    """Show words with non-ASCII characters in each encoding. This needs the right to see cells."""
    found, error = None, None
    try:
        found = encodings.encodings_of_file(visit.app, file)
    except NotFound:
        raise
    except BucketliftError as why:
        error = why
    return render(request, "files/part_encodings.html", encodings=found, error=error, visible=visible)


@router.post("/files/{file}/adopt")
def adopt(request: Request, visit: Editing, file: str) -> Response:
    """Make the file's header the new version of the contract."""
    adoption.adopt(visit.app, file)
    return go(request, f"/files/{file}")


@router.post("/files/{file}/keep")
def keep(request: Request, visit: Running, file: str) -> Response:
    (result,) = outbox.undo(visit.app, [file])
    if result.error is not None:
        raise result.error
    return go(request, f"/files/{file}")


@router.post("/files/{file}/do-now")
def do_now(request: Request, visit: Running, file: str) -> Response:
    outbox.do_now(visit.app, file)
    return go(request, f"/files/{file}")


@router.get("/files/{file}/unload")
def ask_to_unload(request: Request, visit: Running, file: str) -> Response:
    return _unload_page(request, visit.app, file, again=False)


@router.post("/files/{file}/unload")
def unload(request: Request, visit: Running, file: str) -> Response:
    unloads.unload(visit.app, [file])
    return go(request, f"/files/{file}")


def _unload_page(request: Request, app: App, file: str, *, again: bool) -> Response:
    found = file_detail(app, file)
    effects: list[tuple[str, UndoEffect]] = []
    with suppress(RequestWrong):  # the page that is rendered gives the reason
        effects = unloads.undo_effects(app, [file]) if found.receipts else []
    return render(
        request,
        "files/unload.html",
        file=found,
        again=again,
        effects=effects,
        undone={place for place, _ in effects},
    )


@router.get("/files/{file}/reload")
def ask_to_reload(request: Request, visit: Running, file: str) -> Response:
    return _unload_page(request, visit.app, file, again=True)


@router.post("/files/{file}/reload")
def reload(request: Request, visit: Running, file: str) -> Response:
    unloads.reload(visit.app, [file])
    return go(request, f"/files/{file}")


@router.post("/files/{file}/deliveries/{decision}")
def decide_delivery(
    request: Request,
    visit: Running,
    file: str,
    decision: str,
    task: Annotated[str, Form()],
    number: Annotated[int, Form(ge=0, le=MOST_CHUNKS)],
    replay: Annotated[int, Form(ge=0, le=MOST_CHUNKS)] = 0,
) -> Response:
    """Record the user's decision whether the destination has a chunk in doubt."""
    decisions = {"confirm": deliveries.confirm, "resend": deliveries.resend}
    if decision not in decisions:
        raise NotFound("Unknown decision", to=decision)
    decisions[decision](visit.app, file, task=task, number=number, part=replay)
    return go(request, f"/files/{file}")


@router.post("/files/{file}/decide/{decision}")
def decide(
    request: Request, visit: Running, file: str, decision: str, seen: Annotated[str | None, Form()] = None
) -> Response:
    """Apply a decision to the file. ``seen``: the hold reason that the page showed to the user."""
    if decision not in DECISIONS:
        raise NotFound("Unknown decision", to=decision)
    decided = DECISIONS[decision] if seen is None else attention.if_unchanged(DECISIONS[decision], seen)
    decisions.decide(visit.app, decided, [file])
    return go(request, f"/files/{file}")
