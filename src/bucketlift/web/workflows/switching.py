"""The pages that switch a workflow on and off."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.service.editor import cards, drafts
from bucketlift.service.workflows import switching
from bucketlift.web.render import go, render
from bucketlift.web.visit import Running

router = APIRouter(prefix="/workflows/{workflow}")


@router.post("/on")
def on(request: Request, visit: Running, workflow: str) -> Response:
    """Switch the workflow on. If it was never switched on, first show the files that it would load."""
    flow = switching.would_run(visit.app, workflow)
    if switching.is_first(visit.app, flow) and drafts.get(visit.app, workflow).project is None:
        return go(request, f"{_editor(workflow)}/on")
    switching.switch_on(visit.app, workflow, by=visit.user.name)
    return go(request, _editor(workflow), "The workflow is on.")


@router.get("/on")
def ask(request: Request, visit: Running, workflow: str) -> Response:
    draft = drafts.get(visit.app, workflow)
    flow = switching.would_run(visit.app, workflow)
    upcoming_files = switching.upcoming_files(visit.app, flow)
    lines = {task["id"]: cards.summary_of(task) for task in draft.document.get("tasks", ())}
    return render(
        request,
        "workflows/switch_on.html",
        draft=draft,
        upcoming_files=upcoming_files,
        lines=lines,
        flow=flow,
    )


@router.post("/begin")
def begin(request: Request, visit: Running, workflow: str, start: Annotated[str, Form()] = "") -> Response:
    if start == "all":
        switching.switch_on(visit.app, workflow, "all", by=visit.user.name)
    elif start == "now":
        switching.switch_on(visit.app, workflow, "now", by=visit.user.name)
    else:
        raise RequestWrong("No start is selected", hint="Choose All files or New files only.")
    return go(request, _editor(workflow), "The workflow is on.")


@router.post("/off")
def off(request: Request, visit: Running, workflow: str) -> Response:
    switching.switch_off(visit.app, workflow)
    return go(request, _editor(workflow), "The workflow is off.")


def _editor(workflow: str) -> str:
    return f"/workflows/{quote(workflow, safe='')}"
