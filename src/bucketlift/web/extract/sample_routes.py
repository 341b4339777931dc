"""The part of the step *Files* that is about the sample: its upload, its format and its preview."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.service.editor import extracts, samples
from bucketlift.web.extract import sample_parts, setup_form, steps
from bucketlift.web.extract.task_urls import Here, TaskUrls
from bucketlift.web.limits import accepts_bytes
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Posted, Visit

router = APIRouter(prefix="/workflows/{workflow}/tasks/{task}/extract")
Form = dict[str, Any]
UPLOAD = samples.LARGEST + 500_000
"""Maximum bytes of the form: a sample, and all other inputs."""


@router.post("/setup/sample")
@accepts_bytes(UPLOAD)
def upload(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    half = setup_form.with_setup(extracts.find(visit.app, where.place), form)
    refused = sample_parts.receive(visit, where, half, form)
    return _sample(request, visit, where, half, refused)


@router.post("/setup/sample/view")
@accepts_bytes(UPLOAD)
def show_sample(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    """Store the format while the user edits it, and update the preview only."""
    half = setup_form.with_setup(extracts.find(visit.app, where.place), form)
    extracts.keep(visit.app, where.place, half)
    return render(request, "extract/sample_view.html", where=where, **steps.sample_words(visit, half))


@router.post("/setup/sample/use")
@accepts_bytes(UPLOAD)
def use_choice(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    """Change the format by a choice that the page offers for a problem of the sample."""
    half = setup_form.with_setup(extracts.find(visit.app, where.place), form)
    sample_parts.use(visit, where, half, str(form.get("use", "")))
    return _sample(request, visit, where, half, None)


def _sample(
    request: Request, visit: Visit, where: TaskUrls, half: Form, refused: RequestWrong | None
) -> Response:
    if not is_part(request):
        if refused is not None:
            return steps.setup(request, visit, where, half, sample_problem=refused)
        return go(request, where.to("setup") + "#h-sample")
    words = steps.sample_words(visit, half, refused)
    blocked = refused or (words["sample_look"] and words["sample_look"].problem)
    return render(
        request, "extract/sample.html", status=steps.UNCHECKED if blocked else 200, where=where, **words
    )
