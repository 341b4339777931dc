"""The page of a transform."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData, UploadFile

from bucketlift.errors import RequestWrong
from bucketlift.rules import chain
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts, samples, tasks
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.editor.sources import sources_of
from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.service.editor.transform_preview import SAMPLE, preview
from bucketlift.tabular.read.value_map import read_pairs
from bucketlift.web.files.cells import visible
from bucketlift.web.limits import accepts_bytes
from bucketlift.web.loading.loads import MEANWHILE
from bucketlift.web.loading.step_form import OPERATIONS, UNMAPPED, written_pairs
from bucketlift.web.loading.transform_form import ORIGINS, UNITS, TransformForm
from bucketlift.web.places import Here, address, editor
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Posted, Visit

router = APIRouter(prefix="/workflows/{workflow}/tasks/{task}/transform")
KIND = "transform"
NAME = "transform"
UNCHECKED = 422
UPLOAD = samples.LARGEST
_MAP = re.compile(r"map-([0-9]{1,4})\.([0-9]{1,4})")


@router.get("")
def show(request: Request, visit: Editing, place: Here) -> Response:
    draft = drafts.get(visit.app, place.workflow)
    known = tasks.find(draft, place, KIND)
    sources = sources_of(draft, place)
    source = next(reversed(sources), "")
    form = TransformForm(source=source, fields=()) if known is None else TransformForm.of(known)
    return _page(request, visit, place, draft, form)


@router.post("")
@accepts_bytes(UPLOAD)
def use(request: Request, visit: Editing, place: Here, posted: Posted) -> Response:
    """Save the transform, or change the form and show it again. The button that was clicked decides this."""
    draft = drafts.get(visit.app, place.workflow)
    tasks.find(draft, place, KIND)  # raises an error if the task was deleted in the meantime
    form = TransformForm.posted(posted)
    doing = str(posted.get("do", ""))
    if doing == "cancel":
        return _leave(request, visit, place)
    if doing:
        problem = None
        try:
            form = _changed(visit, draft, place, form, doing, posted)
        except RequestWrong as error:
            problem = DraftProblem(path=(), what=error.what, hint=error.hint)
        return _page(request, visit, place, draft, form, problems=(problem,) if problem else ())
    problems = _problems(visit, draft, place, form)
    if problems or not drafts.is_current(visit.app, draft, posted.get("number"), place.form):
        return _page(request, visit, place, draft, form, problems=problems or (MEANWHILE,))
    tasks.save(visit.app, draft, place, KIND, form.as_document(), name=NAME, by=visit.user.name)
    return _leave(request, visit, place, "The transform is saved.")


def _leave(request: Request, visit: Visit, place: TaskPosition, done: str = "") -> Response:
    """Return to the page of the workflow. The stored rows of the sample are deleted."""
    drafts.drop_scratch(visit.app, place.workflow, SAMPLE)
    return go(request, editor(place), done)


def _problems(
    visit: Visit, draft: Draft, place: TaskPosition, form: TransformForm
) -> tuple[DraftProblem, ...]:
    if faults := form.faults():
        return tuple(DraftProblem(path=(), what=each, hint="") for each in faults)
    found = tasks.problems(visit.app, draft, place, KIND, form.as_document())
    # A transform without a load is no problem yet: the load is added after it.
    return tuple(each for each in found if each.path)


def _changed(
    visit: Visit, draft: Draft, place: TaskPosition, form: TransformForm, doing: str, posted: FormData
) -> TransformForm:
    if doing == "sample":
        _keep_sample(visit.app, draft, form.source, posted)
        return form
    if found := _MAP.fullmatch(doing):
        row, step = int(found[1]), int(found[2])
        return form.with_pairs(row, step, _uploaded_pairs(visit.app, posted.get(f"file-{row}.{step}")))
    return form.changed(doing, sources_of(draft, place).get(form.source, []))


def _keep_sample(app: App, draft: Draft, source: str, posted: FormData) -> None:
    """Store the beginning of an uploaded file as the sample of the extract task."""
    task = chain.find(draft.document, source)
    while task is not None and task.kind == KIND:
        task = chain.find(draft.document, str(task.task[KIND].get("from", "")))
    file = posted.get("sample")
    if task is None or task.kind != "extract" or not isinstance(file, UploadFile) or not file.filename:
        raise RequestWrong("Choose a sample file", hint="")
    settings: dict[str, Any] = task.task["extract"]
    content = file.file.read(samples.LARGEST + 1)
    sample = samples.take(app, settings, name=file.filename, content=content)
    samples.view(app, {name: value for name, value in settings.items() if name != "fields"}, sample)
    drafts.keep_scratch(app, draft.key, SAMPLE, {**sample, "task": task.id})


def _uploaded_pairs(app: App, file: object) -> str:
    if not isinstance(file, UploadFile) or not file.filename:
        raise RequestWrong("Choose a CSV or TSV file with two columns", hint="")
    with tempfile.TemporaryDirectory(prefix="map-", dir=app.home) as folder:
        path = Path(folder) / f"map{Path(file.filename).suffix}"
        path.write_bytes(file.file.read(UPLOAD))
        try:
            found = read_pairs(path, header=True)
        except RequestWrong as error:
            raise RequestWrong(error.what, to=file.filename, hint=error.hint) from None
    return written_pairs(dict(found.pairs))


def _page(
    request: Request,
    visit: Visit,
    place: TaskPosition,
    draft: Draft,
    form: TransformForm,
    *,
    problems: tuple[DraftProblem, ...] = (),
) -> Response:
    sources = sources_of(draft, place)
    faults = form.faults()
    return render(
        request,
        "loading/transform_form.html" if is_part(request) else "loading/transform.html",
        status=UNCHECKED if problems else 200,
        draft=draft,
        form=form,
        sources=sources,
        fields=sources.get(form.source, []),
        operations=OPERATIONS,
        unmapped=UNMAPPED,
        origins=ORIGINS,
        units=UNITS,
        looked=None if faults or not form.fields else preview(visit.app, draft, place, form.as_document()),
        problems=problems,
        visible=visible,
        post_to=address(place, "transform"),
        back=editor(place),
    )
