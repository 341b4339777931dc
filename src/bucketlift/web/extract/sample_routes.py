"""The part of the step *Files* that is about the sample: its upload, its format and its preview."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from bucketlift.errors import BucketliftError, NeedsPerson, RequestWrong, Transient
from bucketlift.model.source import ListedObject
from bucketlift.service.editor import bucket_samples, extracts, samples
from bucketlift.web.extract import sample_parts, setup_form, steps
from bucketlift.web.extract.task_urls import Here, TaskUrls
from bucketlift.web.json_inputs import json_of
from bucketlift.web.limits import accepts_bytes
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Posted, Visit

router = APIRouter(prefix="/workflows/{workflow}/tasks/{task}/extract")
Form = dict[str, Any]
UPLOAD = samples.LARGEST + 500_000
"""Maximum bytes of the form: a sample, and all other inputs."""
LARGEST_OBJECT = 2**63 - 1


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


@router.post("/setup/bucket")
def list_bucket(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    """List the newest files in the bucket, so that the user can choose one as the sample."""
    half = setup_form.with_setup(extracts.find(visit.app, where.place), form)
    extracts.keep(visit.app, where.place, half)
    found, problem = None, None
    try:
        found = bucket_samples.newest(visit.app, visit.user, half["extract"])
    except (NeedsPerson, Transient) as error:
        problem = error
    if is_part(request):
        return render(request, "extract/sample_bucket.html", where=where, found=found, problem=problem)
    return steps.setup(request, visit, where, half, bucket=(found, problem))


@router.post("/setup/bucket/use")
def use_file(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    """Fetch the first bytes of a file in the bucket, and use them as the sample."""
    half = setup_form.with_setup(extracts.find(visit.app, where.place), form)
    try:
        listed = listed_object(str(form.get("file", "")))
        fetched = bucket_samples.fetch(visit.app, visit.user, half["extract"], listed)
    except (NeedsPerson, Transient) as error:
        return _sample(request, visit, where, half, error)
    refused = sample_parts.store(
        visit, where, half, name=fetched.name, content=fetched.content, size=fetched.size
    )
    return _sample(request, visit, where, half, refused)


def listed_object(text: str) -> ListedObject:
    match json_of(text):
        case [str(key), str(etag), int(size)] if 0 <= size <= LARGEST_OBJECT:
            return ListedObject(key=key, etag=etag, size=size, modified=None)
    raise RequestWrong("No file is chosen", hint="List the files again, and choose one of them.")


def _sample(
    request: Request, visit: Visit, where: TaskUrls, half: Form, refused: BucketliftError | None
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
