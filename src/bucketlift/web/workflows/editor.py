"""The page on which users edit a workflow: a chain of task cards."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.workflows.drafts import ChangedMeanwhile
from bucketlift.rules import chain
from bucketlift.service.destinations import destinations
from bucketlift.service.editor import cards, drafts
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.workflows import switching, triggers, workflows
from bucketlift.web.form_keys import new_form_key
from bucketlift.web.loading.load_kinds import KINDS
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Seeing
from bucketlift.web.workflows.tiles import GROUPS, TILES

router = APIRouter(prefix="/workflows/{workflow}")

Text = Annotated[str, Form()]
Number = Annotated[int | None, Form()]
LONGEST_TITLE = 200
_FORMS = {
    "extract": "extract",
    "transform": "transform",
    "condition": "condition",
    **{kind.task: kind.path for kind in KINDS},
}


@router.get("")
def show(request: Request, visit: Seeing, workflow: str) -> Response:
    draft = drafts.get(visit.app, workflow)
    return render(
        request,
        "workflows/editor.html",
        draft=draft,
        cards=cards.cards(draft, destinations.promises(visit.app)),
        triggers=triggers.cards(draft.document, visit.app.now()),
        trigger_problems=cards.of_triggers(draft),
        problems=cards.of_workflow(draft),
        kind=(drafts.scratch(visit.app, workflow, drafts.TRIGGER) or {}).get("kind", "schedule"),
    )


@router.get("/title")
def ask_title(request: Request, visit: Editing, workflow: str) -> Response:
    draft = drafts.get(visit.app, workflow)
    return _rename(request, draft, draft.title, None)


@router.post("/title")
def rename(
    request: Request, visit: Editing, workflow: str, title: Text = "", number: Number = None
) -> Response:
    title_entered = " ".join(title.split())
    draft = drafts.get(visit.app, workflow)
    if not title_entered or len(title_entered) > LONGEST_TITLE:
        problem = "Enter a name." if not title_entered else f"At most {LONGEST_TITLE} characters."
        return _rename(request, draft, title, problem)
    if title_entered == draft.title:
        return go(request, f"/workflows/{workflow}")
    renamed = drafts.change(
        visit.app,
        workflow,
        lambda document: document | {"title": title_entered},
        number=number,
        by=visit.user.name,
    )
    return go(request, f"/workflows/{renamed.key}", "The workflow is renamed.")


@router.get("/tasks/new")
def catalogue(
    request: Request,
    visit: Editing,
    workflow: str,
    after: str | None = None,
    kind: str = "task",
    q: str = "",
) -> Response:
    """Show the task catalogue. If the URL has no ``after``, it means an existing task with the ID ``new``."""
    if after is None:
        return open_task(visit, workflow, "new")
    draft = drafts.get(visit.app, workflow)
    if kind == "condition":
        return RedirectResponse(_address(workflow, "new", "condition", after), status_code=303)
    tiles = tuple(each for each in TILES if each.has(q))
    template = "workflows/tiles.html" if is_part(request) else "workflows/catalogue.html"
    return render(
        request, template, draft=draft, tiles=tiles, after=after, query=q, address=_address, groups=GROUPS
    )


@router.get("/tasks/{task}")
def open_task(visit: Seeing, workflow: str, task: str) -> Response:
    link = chain.find(drafts.get(visit.app, workflow).document, task)
    if link is None or link.kind not in _FORMS:
        raise NotFound("There is no such task", to=task, hint="Reload the workflow.")
    return RedirectResponse(_address(workflow, task, _FORMS[link.kind]), status_code=303)


@router.post("/tasks/{task}/delete")
def remove(request: Request, visit: Editing, workflow: str, task: str, number: Number = None) -> Response:
    before = drafts.get(visit.app, workflow).document
    drafts.change(
        visit.app,
        workflow,
        lambda document: chain.remove(document, task),
        number=number,
        by=visit.user.name,
    )
    drafts.keep_undo(visit.app, workflow, before)
    page = f"/workflows/{workflow}"
    return go(request, page, f"{task} is deleted.", undo=f"{page}/undo")


@router.post("/undo")
def undo(request: Request, visit: Editing, workflow: str) -> Response:
    """Bring back the document as it was before a task was deleted."""
    drafts.undo(visit.app, workflow, by=visit.user.name)
    return go(request, f"/workflows/{workflow}", "The task is back.")


@router.post("/tasks/{task}/move")
def move(
    request: Request,
    visit: Editing,
    workflow: str,
    task: str,
    by: Annotated[int, Form()] = 0,
    number: Number = None,
) -> Response:
    if by not in (-1, 1):
        raise RequestWrong("A task can only move up or down by one")
    drafts.change(
        visit.app,
        workflow,
        lambda document: chain.move(document, task, by),
        number=number,
        by=visit.user.name,
    )
    return go(request, f"/workflows/{workflow}")


@router.post("/use")
def use(
    request: Request,
    visit: Editing,
    workflow: str,
    over: Text = "",
    sure: Text = "",
    number: Number = None,
) -> Response:
    """Publish the changes. If the changes select files that the published version does not select, the user
    must confirm the publication first.
    """
    drafts.require_unchanged(visit.app, workflow, number)
    flow, further = switching.with_new_selection(visit.app, workflow)
    if further and sure != "yes":
        draft = drafts.get(visit.app, workflow)
        upcoming_files = switching.upcoming_files(visit.app, flow, further)
        return render(
            request, "workflows/further.html", draft=draft, upcoming_files=upcoming_files, over=over
        )
    try:
        workflows.use_changes(visit.app, workflow, over=over == "yes")
    except ChangedMeanwhile as error:
        draft = drafts.get(visit.app, workflow)
        return render(request, "workflows/over.html", status=422, draft=draft, error=error)
    return go(request, f"/workflows/{workflow}", "The changes are published.")


@router.post("/discard")
def discard(request: Request, visit: Editing, workflow: str, number: Number = None) -> Response:
    is_left = workflows.drop_changes(visit.app, workflow, number=number)
    return go(request, f"/workflows/{workflow}" if is_left else "/workflows", "The changes are discarded.")


def _rename(request: Request, draft: Draft, typed: str, problem: str | None) -> Response:
    template = "workflows/rename.html" if is_part(request) else "workflows/rename_page.html"
    status = 422 if problem else 200
    return render(request, template, status=status, draft=draft, typed=typed, problem=problem)


def _address(workflow: str, task: str, form: str, after: str | None = None) -> str:
    is_new = task == "new" and after is not None
    after_query = f"?after={quote(after or '', safe='')}&form={new_form_key()}" if is_new else ""
    return f"/workflows/{quote(workflow, safe='')}/tasks/{quote(task, safe='')}/{form}{after_query}"
