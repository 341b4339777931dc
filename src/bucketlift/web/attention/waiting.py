"""Needs attention: files that wait, over all workflows, and decisions about many of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.model.lifecycle import FileState
from bucketlift.service.core.app import App
from bucketlift.service.files import attention
from bucketlift.service.files.attention import Told
from bucketlift.service.files.file_detail import WISHES, possible
from bucketlift.service.ops import database
from bucketlift.web.render import go, render
from bucketlift.web.visit import Administering, Running, Seeing

router = APIRouter()

Page = Annotated[int, Query(ge=1, le=1_000_000)]
OFFERED = ("accept", "retry", "ignore")
OUTCOMES = {
    FileState.RETRYING: "The workflow's next run takes it.",
    FileState.SKIPPED: "It stays in the bucket and is not loaded.",
    FileState.DONE: "It is loaded, and its object stays where it is.",
    FileState.COMMITTED: "Its action is tried again when it is due.",
    FileState.HELD: "It waits until somebody retries it.",
    FileState.ACTION_HELD: "Its action waits until somebody retries it.",
}
"""What comes next, by the state after a decision."""


@router.get("/attention")
def show(request: Request, visit: Seeing, workflow: str = "", reason: str = "", page: Page = 1) -> Response:
    return _page(request, visit.app, workflow, reason, page)


@router.post("/attention")
def decide(
    request: Request,
    visit: Running,
    wish: Annotated[str, Form()] = "",
    file: Annotated[Sequence[str], Form()] = (),
    workflow: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """One decision about every file that was chosen; what became of each is told."""
    if wish not in OFFERED:
        raise RequestWrong("There is no such decision", to=wish, hint=f"Known: {', '.join(OFFERED)}.")
    if not file:
        raise RequestWrong("No file was chosen", hint="Tick the files first.")
    told = attention.decide_each(visit.app, WISHES[wish], file)
    return _page(request, visit.app, workflow, reason, 1, told=told, wish=wish)


@router.get("/attention/outbox")
def ask_to_confirm(request: Request, visit: Administering) -> Response:
    return render(request, "attention/confirm.html", pause=visit.app.ledger.pauses.paused())


@router.post("/attention/outbox")
def confirm(request: Request, visit: Administering) -> Response:
    database.confirm(visit.app)
    return go(request, "/attention")


def _page(
    request: Request,
    app: App,
    workflow: str,
    reason: str,
    page: int,
    *,
    told: Sequence[Told] = (),
    wish: str = "",
) -> Response:
    groups = attention.groups(app)
    found = attention.waiting(app, workflow=workflow or None, reason=reason or None, page=page)
    files = found[: attention.PAGE]
    return render(
        request,
        "attention/attention.html",
        chores=attention.chores(app),
        titles={each.key: each.title for each in app.ledger.catalog.readable()},
        workflows=_counted(groups, "workflow"),
        reasons=_counted([each for each in groups if workflow in ("", each.workflow)], "reason"),
        total=sum(each.files for each in groups),
        delayed=app.ledger.waiting.count_delayed(now=app.now()),
        files=files,
        offered={claim.id: [name for name in OFFERED if possible(claim, name)] for claim in files},
        workflow=workflow,
        reason=reason,
        page=page,
        more=len(found) > attention.PAGE,
        address=_address(workflow, reason),
        told=told,
        wish=wish,
        outcomes=OUTCOMES,
    )


def _counted(groups: Sequence[Any], by: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for each in groups:
        counts[getattr(each, by) or ""] += each.files
    return dict(counts.most_common())


def _address(workflow: str, reason: str) -> str:
    """Of another page of the same filters: the number is put behind."""
    told = {name: value for name, value in (("workflow", workflow), ("reason", reason)) if value}
    return f"/attention?{urlencode(told)}{'&' if told else ''}page="
