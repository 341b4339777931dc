"""The page "Needs attention": all files that need a decision, and one decision for several files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.model.lifecycle import FileState
from bucketlift.service.core.app import App
from bucketlift.service.editor.page_words import on_page
from bucketlift.service.files import attention
from bucketlift.service.files.attention import DecisionResult, Issue
from bucketlift.service.files.file_detail import DECISIONS, possible
from bucketlift.service.ops import database
from bucketlift.service.workflows import health
from bucketlift.web.render import go, render
from bucketlift.web.visit import Administering, Running, Seeing

router = APIRouter()

Page = Annotated[int, Query(ge=1, le=1_000_000)]
OFFERED = ("accept", "retry", "ignore")
NOTHING_SELECTED = RequestWrong("No file is selected", hint="Select at least one file, then choose again.")
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
    page: Annotated[int, Form(ge=1, le=1_000_000)] = 1,
) -> Response:
    """Apply one decision to every selected file. The page then shows the result for each file."""
    if decision not in OFFERED:
        raise RequestWrong("Unknown decision", to=decision, hint=f"Use one of {', '.join(OFFERED)}.")
    if not file:
        return _page(request, visit.app, workflow, reason, page, error=NOTHING_SELECTED)
    results = attention.decide_each(visit.app, DECISIONS[decision], file)
    return _page(request, visit.app, workflow, reason, 1, results=results, done=DONE[decision])


@router.get("/attention/outbox")
def ask_to_confirm(request: Request, visit: Administering) -> Response:
    return render(request, "attention/confirm.html", pause=visit.app.ledger.pauses.paused())


@router.post("/attention/outbox")
def confirm(request: Request, visit: Administering) -> Response:
    database.confirm(visit.app)
    return go(request, "/attention")


@router.post("/attention/reviewed")
def review(request: Request, visit: Running, run: Annotated[str, Form()] = "") -> Response:
    """Record that the unusual number of rows of a run was reviewed."""
    health.review(visit.app, run)
    return go(request, "/attention", "The run is marked as reviewed.")


def _page(
    request: Request,
    app: App,
    workflow: str,
    reason: str,
    page: int,
    *,
    results: Sequence[DecisionResult] = (),
    done: str = "",
    error: RequestWrong | None = None,
) -> Response:
    groups = attention.groups(app)
    found = attention.waiting(app, workflow=workflow or None, reason=reason or None, page=page)
    files = found[: attention.PAGE]
    offered = {claim.id: [name for name in OFFERED if possible(claim, name)] for claim in files}
    return render(
        request,
        "attention/attention.html",
        status=422 if error else 200,
        error=error,
        issues=[_on_page(each) for each in (*health.issues(app), *attention.issues(app))],
        titles={each.key: each.title for each in app.ledger.catalog.readable()},
        workflows=_counted(groups, "workflow"),
        reasons=_counted([each for each in groups if workflow in ("", each.workflow)], "reason"),
        total=sum(each.files for each in groups),
        delayed=app.ledger.waiting.count_delayed(now=app.now()),
        files=files,
        offered=offered,
        decisions=[name for name in OFFERED if any(name in names for names in offered.values())],
        workflow=workflow,
        reason=reason,
        page=page,
        more=len(found) > attention.PAGE,
        address=_address(workflow, reason),
        results=results,
        done=done,
        outcomes=OUTCOMES,
    )


def _on_page(issue: Issue) -> Issue:
    return replace(issue, what=on_page(issue.what), hint=on_page(issue.hint))


def _counted(groups: Sequence[Any], by: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for each in groups:
        counts[getattr(each, by) or ""] += each.files
    return dict(counts.most_common())


def _address(workflow: str, reason: str) -> str:
    """The address of a page with the same filters, to which the page number is added."""
    filters = {name: value for name, value in (("workflow", workflow), ("reason", reason)) if value}
    return f"/attention?{urlencode(filters)}{'&' if filters else ''}page="
