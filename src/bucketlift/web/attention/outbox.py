"""The page of delayed actions (deletes, moves and renames), which users can drop one by one or together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.service.core.app import App
from bucketlift.service.files import outbox
from bucketlift.service.files.attention import DecisionResult
from bucketlift.web.attention.waiting import NOTHING_SELECTED, OUTCOMES
from bucketlift.web.render import go, render
from bucketlift.web.visit import Running, Seeing

router = APIRouter()


@router.get("/outbox")
def show(
    request: Request,
    visit: Seeing,
    workflow: str = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    return _page(request, visit.app, workflow, page)


@router.post("/outbox")
def undo(
    request: Request,
    visit: Running,
    file: Annotated[Sequence[str], Form()] = (),
    workflow: Annotated[str, Form()] = "",
) -> Response:
    if not file:
        return _page(request, visit.app, workflow, 1, error=NOTHING_SELECTED)
    return _page(request, visit.app, workflow, 1, results=outbox.undo(visit.app, file))


@router.post("/outbox/{file}/do-now")
def do_now(request: Request, visit: Running, file: str) -> Response:
    outbox.do_now(visit.app, file)
    return go(request, "/outbox")


def _page(
    request: Request,
    app: App,
    workflow: str,
    page: int,
    *,
    results: Sequence[DecisionResult] = (),
    error: RequestWrong | None = None,
) -> Response:
    found = outbox.delayed(app, workflow=workflow or None, page=page)
    return render(
        request,
        "attention/outbox.html",
        status=422 if error else 200,
        error=error,
        entries=found[: outbox.PAGE],
        more=len(found) > outbox.PAGE,
        page=page,
        total=app.ledger.waiting.count_delayed(now=app.now()),
        titles={each.key: each.title for each in app.ledger.catalog.readable()},
        workflow=workflow,
        now=app.now(),
        results=results,
        outcomes=OUTCOMES,
        paused=app.ledger.pauses.paused(),
    )
