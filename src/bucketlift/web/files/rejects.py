"""The page of a file's rejects: users can view, download and replay them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import FormData, UploadFile

from bucketlift.errors import BucketliftError, NotFound, RequestWrong
from bucketlift.model.workflow import NO_REJECTS
from bucketlift.service.core.app import App
from bucketlift.service.files import rejects
from bucketlift.service.files.file_detail import file_detail
from bucketlift.service.runs import replays
from bucketlift.web.files.cells import visible
from bucketlift.web.limits import accepts_bytes
from bucketlift.web.render import go, render
from bucketlift.web.visit import Posted, Running, SeeingCells

router = APIRouter()

PAGE = 50
UPLOAD = 50_000_000
"""Maximum bytes of an uploaded file of mended rejects."""
Form = {"csv": "text/csv; charset=utf-8", "json": "application/x-ndjson"}


@router.get("/files/{file}/rejects")
def show(
    request: Request,
    visit: SeeingCells,
    file: str,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    found = file_detail(visit.app, file)
    listed = rejects.page(visit.app, found.claim, limit=PAGE + 1, offset=(page - 1) * PAGE)
    return render(
        request,
        "files/rejects.html",
        file=found,
        rejects=listed[:PAGE],
        more=len(listed) > PAGE,
        page=page,
        visible=visible,
        limited=found.task is not None and found.task.max_rejected != NO_REJECTS,
    )


@router.get("/files/{file}/rejects.{form}")
def export(visit: SeeingCells, file: str, form: str) -> Response:
    """Download the rejects that are not mended yet, as CSV or JSON lines."""
    if form not in Form:
        raise NotFound("Rejects are available as csv or json", to=form)
    app = visit.app
    claim = app.ledger.claims.get(file)
    rejects.splitter(app, claim)  # raises its errors before the response starts
    return StreamingResponse(
        _lines(app, file, as_json=form == "json"),
        media_type=Form[form],
        headers={"Content-Disposition": f'attachment; filename="rejects-{claim.id}.{form}"'},
    )


def _lines(app: App, file: str, *, as_json: bool) -> Iterator[bytes]:
    with rejects.export(app, file, as_json=as_json) as found:
        for line in found.lines:
            yield line.encode("utf-8")


@router.post("/files/{file}/rejects/check")
@accepts_bytes(UPLOAD)
def check(request: Request, visit: Running, file: str, form: Posted) -> Response:
    """Show what an uploaded file of mended rejects would load. Changes nothing."""
    with _uploaded(form) as (mended, name):
        return _verdict(request, visit.app, file, mended, name)


@router.post("/files/{file}/rejects/replay")
@accepts_bytes(UPLOAD)
def replay(request: Request, visit: Running, file: str, form: Posted) -> Response:
    """Load the mended rows that were checked. If the user uploads another file, this file is checked first."""
    with _uploaded(form) as (mended, name):
        if form.get("seen") != _mark(mended):
            return _verdict(request, visit.app, file, mended, name)
        try:
            done = replays.leave(visit.app, file, mended, partial=form.get("partial") == "on")
        except replays.Unfitting:
            return _verdict(request, visit.app, file, mended, name)
    return go(request, f"/files/{file}" if done.run is None else f"/runs/{done.run.id}")


def _verdict(request: Request, app: App, file: str, mended: Path, name: str) -> Response:
    plan, error = None, None
    try:
        plan = replays.plan(app, file, mended)
    except NotFound:
        raise
    except BucketliftError as why:
        error = why
    return render(
        request,
        "files/part_verdict.html",
        status=422 if error else 200,
        file=file,
        plan=plan,
        error=error,
        name=name,
        seen=_mark(mended),
    )


@contextmanager
def _uploaded(form: FormData) -> Iterator[tuple[Path, str]]:
    """Write the uploaded file to a temporary file. Yields its path and the original name."""
    upload = form.get("mended")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise RequestWrong("No file is selected", hint="Choose the mended file first.")
    with tempfile.TemporaryDirectory(prefix="mended-") as folder:
        path = Path(folder) / "mended"
        with path.open("wb") as file:
            while chunk := upload.file.read(1 << 20):
                file.write(chunk)
        yield path, upload.filename


def _mark(mended: Path) -> str:
    with mended.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
