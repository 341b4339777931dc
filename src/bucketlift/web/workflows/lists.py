"""The list of workflows, on which users can also create a workflow."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.service.editor import drafts
from bucketlift.service.workflows import workflows
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Seeing

router = APIRouter()
NEW = "/workflows/-new"
"""The address of the page that creates a workflow. No key of a workflow starts with a hyphen."""


@router.get("/workflows")
def show(request: Request, visit: Seeing, q: str = "") -> Response:
    lines = workflows.listed(visit.app, q)
    template = "workflows/rows.html" if is_part(request) else "workflows/list.html"
    return render(request, template, lines=lines, query=q)


@router.get(NEW)
def ask(request: Request, visit: Editing) -> Response:  # noqa: ARG001 - checks the right
    return render(request, "workflows/new.html")


@router.post(NEW)
def create(request: Request, visit: Editing, kind: Annotated[str, Form()] = "") -> Response:
    if kind == "schedule":
        key = drafts.create(visit.app, "schedule", by=visit.user.name)
    elif kind == "event":
        key = drafts.create(visit.app, "event", by=visit.user.name)
    else:
        raise RequestWrong("Choose Scheduled or Event-based", hint="Go back and select one of the two.")
    return go(request, f"/workflows/{key}")
