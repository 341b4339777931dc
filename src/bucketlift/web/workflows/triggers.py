"""The pages of triggers: schedules, HTTP events and other workflows."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from bucketlift.errors import NotFound
from bucketlift.model.trigger import Proof
from bucketlift.service.editor import drafts
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.workflows import events, triggers
from bucketlift.service.workflows.triggers import TriggerWrong
from bucketlift.web.form_keys import form_key
from bucketlift.web.render import go, render
from bucketlift.web.visit import Editing, Posted, Visit
from bucketlift.web.workflows.event_form import EventForm, sample
from bucketlift.web.workflows.schedule_form import EVERY, INTERVALS, WEEKDAYS, ScheduleForm

router = APIRouter(prefix="/workflows/{workflow}/triggers")
ENDS = {"succeeded": "it succeeded", "failed": "it failed", "cancelled": "it was cancelled"}
NEW = "new"
_WHOLE = re.compile("[0-9]{1,9}")


@router.get("/new")
def ask(request: Request, visit: Editing, workflow: str, kind: str = "", form: str = "") -> Response:
    draft = _own_draft(visit, workflow)
    if form and (known := triggers.made_by(visit.app, draft, form)) is not None:
        return go(request, f"{_editor(workflow)}/triggers/{known}")
    match kind:
        case "schedule":
            return _schedule(request, visit, draft, NEW, ScheduleForm(), key=form_key(form))
        case "after":
            return _after(request, visit, draft, NEW, {}, key=form_key(form))
        case "event":
            return render(request, "workflows/event_new.html", draft=draft, key=form_key(form))
        case _:
            return render(request, "workflows/trigger_kinds.html", draft=draft)


@router.post("/next")
def preview(request: Request, visit: Editing, workflow: str, posted: Posted) -> Response:  # noqa: ARG001 - part of the URL
    """Show the next five runs of the schedule that the user typed. Nothing is stored."""
    try:
        times, problem = triggers.upcoming(ScheduleForm.posted(posted).as_document(), visit.app.now()), None
    except TriggerWrong as error:
        times, problem = (), error
    return render(request, "workflows/next_times.html", times=times, problem=problem)


@router.post("/event")
def new_event(request: Request, visit: Editing, workflow: str, posted: Posted) -> Response:
    """Create an HTTP event. The secret is shown only in this answer."""
    proof = Proof.SIGNATURE if posted.get("proof") == "signature" else Proof.TOKEN
    form = form_key(posted.get("form"))
    position, secret = events.new_event(visit.app, workflow, proof, by=visit.user.name, form=form)
    return _event(request, visit, drafts.get(visit.app, workflow), position, secret=secret)


@router.get("/{position}")
def show(request: Request, visit: Editing, workflow: str, position: int) -> Response:
    draft = _own_draft(visit, workflow)
    trigger = triggers.at(draft, position)
    if "schedule" in trigger:
        return _schedule(request, visit, draft, str(position), ScheduleForm.of(trigger["schedule"]))
    if "after" in trigger:
        return _after(request, visit, draft, str(position), trigger["after"])
    return _event(request, visit, draft, position)


@router.post("/{position}/schedule")
def keep_schedule(request: Request, visit: Editing, workflow: str, position: str, posted: Posted) -> Response:
    form = ScheduleForm.posted(posted)
    try:
        _keep(visit, workflow, position, {"schedule": form.as_document()}, posted)
    except TriggerWrong as error:
        key = str(posted.get("form", ""))
        return _schedule(request, visit, _own_draft(visit, workflow), position, form, wrong=error, key=key)
    return go(request, _editor(workflow), "The trigger is saved.")


@router.post("/{position}/after")
def keep_after(request: Request, visit: Editing, workflow: str, position: str, posted: Posted) -> Response:
    when = [str(each) for each in posted.getlist("when")]
    after: dict[str, Any] = {"workflow": str(posted.get("workflow", "")), "when": when}
    try:
        _keep(visit, workflow, position, {"after": after}, posted)
    except TriggerWrong as error:
        key = str(posted.get("form", ""))
        return _after(request, visit, _own_draft(visit, workflow), position, after, wrong=error, key=key)
    return go(request, _editor(workflow), "The trigger is saved.")


@router.post("/{position}/event")
def keep_event(request: Request, visit: Editing, workflow: str, position: int, posted: Posted) -> Response:
    draft, form = _own_draft(visit, workflow), EventForm.posted(posted)
    event = events.with_fields(events.event_of(triggers.at(draft, position)), form.fields(), form.only_if())
    try:
        _keep(visit, workflow, str(position), {"event": event}, posted)
    except TriggerWrong as error:
        return _event(request, visit, draft, position, form=form, wrong=error)
    return go(request, _editor(workflow), "The trigger is saved.")


@router.post("/{position}/renew")
def renew(request: Request, visit: Editing, workflow: str, position: int, posted: Posted) -> Response:
    drafts.require_unchanged(visit.app, workflow, _number(posted.get("number")))
    secret = events.renew(visit.app, workflow, position)
    return _event(request, visit, drafts.get(visit.app, workflow), position, secret=secret)


@router.post("/{position}/delete")
def remove(request: Request, visit: Editing, workflow: str, position: int, posted: Posted) -> Response:
    events.remove(visit.app, workflow, position, number=_number(posted.get("number")), by=visit.user.name)
    return go(request, _editor(workflow), "The trigger is removed.")


def _own_draft(visit: Visit, workflow: str) -> Draft:
    """The draft of a workflow, if the workflow can be edited on the page."""
    published = visit.app.ledger.catalog.workflows().get(workflow)
    if published is not None:
        drafts.refuse_owned(published.workflow)
    return drafts.get(visit.app, workflow)


def _keep(visit: Visit, workflow: str, position: str, trigger: dict[str, Any], posted: FormData) -> None:
    if position != NEW and not _WHOLE.fullmatch(position):
        raise NotFound("There is no such trigger", to=position, hint="Reload the workflow.")
    place = None if position == NEW else int(position)
    form = form_key(posted.get("form")) if place is None else ""
    number = _number(posted.get("number"))
    triggers.keep(visit.app, workflow, place, trigger, number=number, by=visit.user.name, form=form)


def _number(typed: Any) -> int | None:
    return int(str(typed)) if _WHOLE.fullmatch(str(typed)) else None


def _schedule(
    request: Request,
    visit: Visit,
    draft: Draft,
    position: str,
    form: ScheduleForm,
    *,
    wrong: TriggerWrong | None = None,
    key: str = "",
) -> Response:
    try:
        times = triggers.upcoming(form.as_document(), visit.app.now())
    except TriggerWrong:
        times = ()
    return render(
        request,
        "workflows/schedule.html",
        status=422 if wrong else 200,
        draft=draft,
        position=position,
        form=form,
        key=key,
        wrong=wrong,
        problems=_by_input(wrong, "schedule."),
        every=EVERY,
        intervals=INTERVALS,
        weekdays=WEEKDAYS,
        zones=triggers.all_zones(),
        times=times,
        problem=None,
    )


def _after(
    request: Request,
    visit: Visit,
    draft: Draft,
    position: str,
    after: dict[str, Any],
    *,
    wrong: TriggerWrong | None = None,
    key: str = "",
) -> Response:
    return render(
        request,
        "workflows/after.html",
        status=422 if wrong else 200,
        draft=draft,
        position=position,
        key=key,
        chosen=after.get("workflow", ""),
        when=after.get("when", ["succeeded"]),
        others=triggers.followable(visit.app, draft.key),
        ends=ENDS,
        problems=_by_input(wrong, "after."),
    )


def _event(
    request: Request,
    visit: Visit,
    draft: Draft,
    position: int,
    *,
    form: EventForm | None = None,
    secret: str | None = None,
    wrong: TriggerWrong | None = None,
) -> Response:
    event = triggers.at(draft, position)["event"]
    form = form or EventForm.of(event)
    proof = Proof.SIGNATURE if Proof.SIGNATURE in event else Proof.TOKEN
    server = visit.app.public_url or str(request.base_url)
    url = f"{server.rstrip('/')}/events/{quote(draft.key, safe='')}"
    return render(
        request,
        "workflows/event.html",
        status=422 if wrong else 200,
        draft=draft,
        position=position,
        form=form,
        proof=proof,
        url=url,
        secret=secret,
        sample=sample(url, proof, secret, form),
        in_vault="secret" in event[proof.value],
        is_used=visit.app.ledger.catalog.workflows().get(draft.key) is not None,
        wrong=wrong,
    )


def _by_input(wrong: TriggerWrong | None, beginning: str) -> dict[str, str]:
    """The messages of an error by the name of the input. The empty name means the whole form."""
    return (
        {} if wrong is None else {each.removeprefix(beginning): text for each, text in wrong.fields.items()}
    )


def _editor(workflow: str) -> str:
    return f"/workflows/{quote(workflow, safe='')}"
