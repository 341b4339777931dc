"""The page of one run: progress, files, log, retry and cancel."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from bucketlift.service.runs import runs
from bucketlift.web.render import go, render
from bucketlift.web.runs import parts
from bucketlift.web.visit import Running, Seeing

router = APIRouter()

Page = Annotated[int, Query(ge=1, le=100_000)]
Line = Annotated[int, Query(ge=0, lt=2**63)]


@router.get("/runs/{run}")
def show(request: Request, visit: Seeing, run: str, page: Page = 1) -> Response:
    context = parts.context(visit.app, run) | parts.files(visit.app, run, page) | parts.log(visit.app, run)
    return render(request, "runs/run.html", calls=visit.app.ledger.events.of_run(run), **context)


@router.get("/runs/{run}/files")
def show_files(request: Request, visit: Seeing, run: str, page: Page = 1) -> Response:
    return render(request, "runs/part_files.html", **parts.files(visit.app, run, page))


@router.get("/runs/{run}/log")
def show_log(request: Request, visit: Seeing, run: str, before: Line | None = None) -> Response:
    """Show the log lines before the line ``before``."""
    return render(request, "runs/part_log.html", **parts.log(visit.app, run, before))


@router.get("/runs/{run}/document")
def document(visit: Seeing, run: str) -> Response:
    """Download the run's summary as JSON, as the command line prints it."""
    found = runs.shown(visit.app.ledger.runs.get(run))
    name = f"run-{found['run']}.json"
    return JSONResponse(found, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/runs/{run}/retry")
def retry(request: Request, visit: Running, run: str) -> Response:
    return go(request, f"/runs/{runs.leave_retry(visit.app, run).id}")


@router.get("/runs/{run}/cancel")
def ask_to_cancel(request: Request, visit: Running, run: str) -> Response:
    return render(request, "runs/cancel.html", **parts.context(visit.app, run))


@router.post("/runs/{run}/cancel")
def cancel(request: Request, visit: Running, run: str) -> Response:
    runs.cancel(visit.app, run)
    return go(request, f"/runs/{run}", "The run is being cancelled.")
