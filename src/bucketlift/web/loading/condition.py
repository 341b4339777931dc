"""The page of a condition."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bucketlift.rules import chain
from bucketlift.service.editor import drafts, tasks
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.editor.sources import extracts_of
from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.web.loading.condition_form import DEEPEST, MEASURES, OPERATORS, ConditionForm, Group
from bucketlift.web.loading.loads import MEANWHILE
from bucketlift.web.places import Here, address, editor
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Posted

router = APIRouter(prefix="/workflows/{workflow}/tasks/{task}/condition")
KIND = "condition"
NAME = "condition"
UNCHECKED = 422


@router.get("")
def show(request: Request, visit: Editing, place: Here) -> Response:
    draft = drafts.get(visit.app, place.workflow)
    known = tasks.find(draft, place, KIND)
    if known is None:
        form = ConditionForm.new(_nearest(draft, place))
        form.answers = dict.fromkeys(_later(draft, place), "then")
    else:
        form = ConditionForm.of(known, _later(draft, place))
    return _page(request, place, draft, form)


@router.post("")
def use(request: Request, visit: Editing, place: Here, posted: Posted) -> Response:
    """Save the condition, or change the form and show it again. The button that was clicked decides this."""
    draft = drafts.get(visit.app, place.workflow)
    tasks.find(draft, place, KIND)  # raises an error if the task was deleted in the meantime
    form = ConditionForm.posted(posted)
    if doing := str(posted.get("do", "")):
        form.change(doing, task=_nearest(draft, place))
        return _page(request, place, draft, form)
    document = form.as_document()
    # A condition at the end has no tasks until a load is added after it; that is not reported here.
    problems = tuple(
        each
        for each in tasks.problems(visit.app, draft, place, KIND, document)
        if each.path[:1] != () or _later(draft, place)
    )
    if problems or not drafts.is_current(visit.app, draft, posted.get("number"), place.form):
        return _page(request, place, draft, form, problems=problems or (MEANWHILE,))
    tasks.save(visit.app, draft, place, KIND, document, name=NAME, by=visit.user.name)
    return go(request, editor(place), "The condition is saved.")


def _nearest(draft: Draft, place: TaskPosition) -> str:
    return next(reversed(extracts_of(draft, place)), "")


def _later(draft: Draft, place: TaskPosition) -> list[str]:
    """The IDs of the tasks after the condition, in the order of the document."""
    marked, name = draft.document, place.task
    if name is None:
        name = chain.free_id(marked, "here")
        marked = chain.put(marked, {"id": name}, place.after or None)
    ids = [str(task["id"]) for task in marked["tasks"]]
    return ids[ids.index(name) + 1 :]


def _page(
    request: Request,
    place: TaskPosition,
    draft: Draft,
    form: ConditionForm,
    *,
    problems: tuple[DraftProblem, ...] = (),
) -> Response:
    later = _later(draft, place)
    return render(
        request,
        "loading/condition_form.html" if is_part(request) else "loading/condition.html",
        status=UNCHECKED if problems else 200,
        draft=draft,
        form=form,
        is_group=lambda each: isinstance(each, Group),
        sources=extracts_of(draft, place),
        measures=MEASURES,
        operators=OPERATORS,
        deepest=DEEPEST,
        later=[(task, form.answers.get(task, "then")) for task in later],
        problems=problems,
        post_to=address(place, "condition"),
        back=editor(place),
    )
