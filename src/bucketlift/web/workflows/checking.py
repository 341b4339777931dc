"""The page that checks a file before its sender uploads it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.errors import RequestWrong
from bucketlift.service.editor import checking, drafts
from bucketlift.web.files.cells import visible
from bucketlift.web.limits import accepts_bytes
from bucketlift.web.render import render
from bucketlift.web.visit import Posted, SeeingCells

router = APIRouter(prefix="/workflows/{workflow}")
UPLOAD = 50_000_000
"""Maximum bytes of a file that is checked."""


@router.get("/check")
def ask_for_file(request: Request, visit: SeeingCells, workflow: str) -> Response:
    draft = drafts.get(visit.app, workflow)
    return render(request, "workflows/check.html", draft=draft, checked=None, problem=None, task="")


@router.post("/check")
@accepts_bytes(UPLOAD + 100_000)
def check(request: Request, visit: SeeingCells, workflow: str, form: Posted) -> Response:
    """Read an uploaded file with the settings of an extract task. Nothing is loaded."""
    draft, task, file = drafts.get(visit.app, workflow), str(form.get("task", "")), form.get("file")
    name, content = "", b""
    if isinstance(file, UploadFile) and file.filename:
        name, content = file.filename, file.file.read(UPLOAD + 1)
    checked, problem = None, None
    try:
        checked = checking.check_upload(visit.app, workflow, task, name=name, content=content)
    except DefinitionWrong:
        problem = RequestWrong(
            "The workflow has issues", to=draft.title, hint="Fix them in the workflow first."
        )
    except RequestWrong as error:
        problem = error
    return render(
        request,
        "workflows/check.html",
        status=422 if problem else 200,
        draft=draft,
        checked=checked,
        problem=problem,
        task=task,
        visible=visible,
    )
