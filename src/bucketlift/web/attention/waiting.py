"""The page "Needs attention": all files that need a decision, and one decision for several files."""

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
from bucketlift.service.files.attention import DecisionResult
from bucketlift.service.files.file_detail import DECISIONS, possible
from bucketlift.service.ops import database
from bucketlift.web.render import go, render
from bucketlift.web.visit import Administering, Running, Seeing

router = APIRouter()

Page = Annotated[int, Query(ge=1, le=1_000_000)]
OFFERED = ("accept", "retry", "ignore")
DONE = {"accept": "accepted", "retry": "queued for retry", "ignore": "ignored"}
OUTCOMES = {
    FileState.RETRYING: "The next run of the workflow loads the file.",
    FileState.SKIPPED: "The file stays in the bucket and is not loaded.",
    FileState.DONE: "Loaded. The file stays where it is.",
    FileState.COMMITTED: "The action is tried again when it is due.",
    FileState.HELD: "The file is held until you retry it.",
    FileState.ACTION_HELD: "The action is held until you retry it.",
}
"""For each state after a decision, what happens next."""


@router.get("/attention")
def show(request: Request, visit: Seeing, workflow: str = "", reason: str = "", page: Page = 1) -> Response:
    return _page(request, visit.app, workflow, reason, page)


@router.post("/attention")
def decide(
    request: Request,
    visit: Running,
    decision: Annotated[str, Form()] = "",
    file: Annotated[Sequence[str], Form()] = (),
    workflow: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Apply one decision to every selected file. The page then shows the result for each file."""
    if decision not in OFFERED:
        raise RequestWrong("Unknown decision", to=decision, hint=f"Use one of {', '.join(OFFERED)}.")
    if not file:
        raise RequestWrong("No file is selected", hint="Select the files first.")
    results = attention.decide_each(visit.app, DECISIONS[decision], file)
    return _page(request, visit.app, workflow, reason, 1, results=results, done=DONE[decision])


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
    results: Sequence[DecisionResult] = (),
    done: str = "",
) -> Response:
    groups = attention.groups(app)
    found = attention.waiting(app, workflow=workflow or None, reason=reason or None, page=page)
    files = found[: attention.PAGE]
    return render(
        request,
        "attention/attention.html",
        issues=attention.issues(app),
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
        results=results,
        done=done,
        outcomes=OUTCOMES,
    )


def _counted(groups: Sequence[Any], by: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for each in groups:
        counts[getattr(each, by) or ""] += each.files
    return dict(counts.most_common())


def _address(workflow: str, reason: str) -> str:
    """The address of a page with the same filters, to which the page number is added."""
    filters = {name: value for name, value in (("workflow", workflow), ("reason", reason)) if value}
    return f"/attention?{urlencode(filters)}{'&' if filters else ''}page="
