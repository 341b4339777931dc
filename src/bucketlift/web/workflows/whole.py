"""The actions on a whole workflow: run, duplicate, export, detach, delete."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import PlainTextResponse

from bucketlift.service.editor import drafts
from bucketlift.service.workflows import switching, workflows
from bucketlift.web.render import go, render
from bucketlift.web.visit import Editing, Running, Seeing

router = APIRouter(prefix="/workflows/{workflow}")


@router.post("/run")
def run(request: Request, visit: Running, workflow: str, sure: Annotated[str, Form()] = "") -> Response:
    """Run the workflow now. If it was never switched on and never ran, first show the files that it would
    load.
    """
    draft = drafts.get(visit.app, workflow)
    if sure != "yes" and draft.project is None and not draft.enabled:
        flow = switching.would_run(visit.app, workflow)
        if switching.is_first(visit.app, flow):
            upcoming_files = switching.upcoming_files(visit.app, flow)
            return render(request, "workflows/first_run.html", draft=draft, upcoming_files=upcoming_files)
    run_started = workflows.run_now(visit.app, workflow)
    return go(request, f"/runs/{quote(run_started.id, safe='')}")


@router.post("/duplicate")
def duplicate(request: Request, visit: Editing, workflow: str) -> Response:
    key = workflows.duplicate(visit.app, workflow, by=visit.user.name)
    return go(request, f"/workflows/{key}", "This is the copy.")


@router.get("/export")
def export(visit: Seeing, workflow: str) -> Response:
    text = workflows.exported(visit.app, workflow)
    name = f'attachment; filename="{workflow}.yaml"'  # a key contains no quotes or control characters
    return PlainTextResponse(
        text, headers={"Content-Disposition": name}, media_type="application/yaml; charset=utf-8"
    )


@router.get("/detach")
def ask_to_detach(request: Request, visit: Editing, workflow: str) -> Response:
    return render(request, "workflows/detach.html", draft=drafts.get(visit.app, workflow))


@router.post("/detach")
def detach(request: Request, visit: Editing, workflow: str) -> Response:
    workflows.detach(visit.app, workflow)
    return go(request, f"/workflows/{quote(workflow, safe='')}", "The workflow is detached from its file.")


@router.get("/delete")
def ask_to_delete(request: Request, visit: Editing, workflow: str) -> Response:
    draft = drafts.get(visit.app, workflow)
    return render(
        request,
        "workflows/delete.html",
        draft=draft,
        preview=workflows.before_deleting(visit.app, workflow),
    )


@router.post("/delete")
def delete(request: Request, visit: Editing, workflow: str) -> Response:
    workflows.delete(visit.app, workflow)
    return go(request, "/workflows", f"{workflow} is deleted.")
