"""The page of a dry run: which files a run would load, and why it would leave the others."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.rules.directory import trials
from bucketlift.service.editor import drafts
from bucketlift.service.workflows import dry_run
from bucketlift.web.render import render
from bucketlift.web.visit import SeeingCells

router = APIRouter(prefix="/workflows/{workflow}/dry-run")


@router.get("")
def ask(request: Request, visit: SeeingCells, workflow: str) -> Response:
    draft = drafts.get(visit.app, workflow)
    return render(request, "workflows/dry_run.html", draft=draft, looked=None, error=None)


@router.post("")
def look(request: Request, visit: SeeingCells, workflow: str) -> Response:
    draft = drafts.get(visit.app, workflow)
    try:
        looked = dry_run.preview(visit.app, workflow)
    except RequestWrong:
        raise
    except BucketliftError as error:
        return render(request, "workflows/dry_run.html", draft=draft, looked=None, error=error)
    return render(
        request,
        "workflows/dry_run.html",
        draft=draft,
        looked=looked,
        error=None,
        trial_words=trials.WORDS,
        trial_lines=trials.lines,
    )
