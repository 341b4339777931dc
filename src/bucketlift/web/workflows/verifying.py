"""The page that compares a workflow with its destinations and buckets."""

from __future__ import annotations

import threading

from fastapi import APIRouter, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.service.editor import drafts
from bucketlift.service.verify.whole import verify
from bucketlift.web.render import render
from bucketlift.web.visit import Running

router = APIRouter(prefix="/workflows/{workflow}")
_one_verification = threading.Lock()


@router.get("/verify")
def ask_to_verify(request: Request, visit: Running, workflow: str) -> Response:
    draft = drafts.get(visit.app, workflow)
    return render(request, "workflows/verify.html", draft=draft, found=None)


@router.post("/verify")
def compare(request: Request, visit: Running, workflow: str) -> Response:
    """Compare the workflow's receipts, rows and objects with the ledger, one workflow at a time."""
    draft = drafts.get(visit.app, workflow)
    if not _one_verification.acquire(blocking=False):
        raise RequestWrong(
            "Another workflow is being verified", to=draft.title, hint="Try again in a few minutes."
        )
    try:
        found = verify(visit.app, workflow)
    finally:
        _one_verification.release()
    return render(request, "workflows/verify.html", draft=draft, found=found)
