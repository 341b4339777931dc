"""The page of a workflow's notices: recipients, the expected time of files, tags, and the last notices."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.ledger.workflows.drafts import ChangedMeanwhile
from bucketlift.service.editor import drafts
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.ops import notices
from bucketlift.service.workflows import recipients, triggers
from bucketlift.service.workflows.recipients import NewRecipient
from bucketlift.web.form_keys import form_key
from bucketlift.web.render import go, render
from bucketlift.web.visit import Editing, Posted, Seeing, Visit

router = APIRouter(prefix="/workflows/{workflow}/notices")
_WHOLE = re.compile("[0-9]{1,9}")
WHEN = {
    "failed": ("Failed", "a run failed"),
    "held": ("Held", "a run held files or their actions"),
    "late": ("Late", "a scheduled run or an expected file is not there by its time"),
    "unusual": ("Unusual", "a run loaded far more or far fewer rows than usual"),
    "succeeded": ("Succeeded", "a run succeeded, also without a new file"),
    "silent": ("Silent", "no file arrived by the expected time"),
}
"""For each occasion, its title and what it means."""
KINDS = {"email": "E-mail", "slack": "Slack", "teams": "Microsoft Teams", "webhook": "Webhook"}
EVERY = {
    "": "At any time (no expected time)",
    "day": "Every day",
    "weekday": "Every weekday (Monday to Friday)",
}


@router.get("")
def show(request: Request, visit: Seeing, workflow: str) -> Response:
    return _page(request, visit, workflow)


@router.post("/add")
def add(request: Request, visit: Editing, workflow: str, posted: Posted) -> Response:
    new = NewRecipient(
        kind=str(posted.get("kind", "")),
        address=str(posted.get("address", "")),
        when=_when(posted),
    )
    try:
        form = form_key(posted.get("form"))
        recipients.add(visit.app, workflow, new, number=_number(posted), by=visit.user.name, form=form)
    except RequestWrong as error:
        return _page(request, visit, workflow, new=new, error=error)
    return go(request, _address(workflow), "The recipient is added.")


@router.post("/expected")
def set_expected(request: Request, visit: Editing, workflow: str, posted: Posted) -> Response:
    every = str(posted.get("every", ""))
    if every == "keep":
        return go(request, _address(workflow))
    at = [each for each in re.split(r"[,;\s]+", str(posted.get("at", ""))) if each]
    zone = str(posted.get("timezone", "")).strip() or "UTC"
    schedule = {"every": every, "at": at, "timezone": zone} if every else None
    try:
        recipients.set_expected(visit.app, workflow, schedule, number=_number(posted), by=visit.user.name)
    except RequestWrong as error:
        typed = {"every": every, "at": ", ".join(at), "timezone": zone}
        return _page(request, visit, workflow, typed=typed, error=error)
    return go(request, _address(workflow), "The expected time is saved.")


@router.post("/tags")
def set_tags(request: Request, visit: Editing, workflow: str, posted: Posted) -> Response:
    tags = str(posted.get("tags", ""))
    try:
        recipients.set_tags(visit.app, workflow, tags, number=_number(posted), by=visit.user.name)
    except RequestWrong as error:
        return _page(request, visit, workflow, tags=tags, error=error)
    return go(request, _address(workflow), "The tags are saved.")


@router.post("/{position}/when")
def set_when(request: Request, visit: Editing, workflow: str, position: int, posted: Posted) -> Response:
    when = _when(posted)
    try:
        recipients.set_when(visit.app, workflow, position, when, number=_number(posted), by=visit.user.name)
    except ChangedMeanwhile as error:
        return _page(request, visit, workflow, error=error)  # another recipient may have this position now
    except RequestWrong as error:
        return _page(request, visit, workflow, chosen=(position, when), error=error)
    return go(request, _address(workflow), "The occasions are saved.")


@router.post("/{position}/delete")
def remove(request: Request, visit: Editing, workflow: str, position: int, posted: Posted) -> Response:
    try:
        recipients.remove(visit.app, workflow, position, number=_number(posted), by=visit.user.name)
    except RequestWrong as error:
        return _page(request, visit, workflow, error=error)
    return go(request, _address(workflow), "The recipient is removed.")


@router.post("/{position}/test")
def test(request: Request, visit: Editing, workflow: str, position: int) -> Response:
    """Send a test notice to one recipient. The page then shows the results."""
    results = recipients.test(visit.app, workflow, position)
    return _page(request, visit, workflow, results=results)


def _page(  # noqa: PLR0913 - each of them by its name
    request: Request,
    visit: Visit,
    workflow: str,
    *,
    new: NewRecipient | None = None,
    typed: dict[str, str] | None = None,
    tags: str | None = None,
    chosen: tuple[int, tuple[str, ...]] | None = None,
    results: list[dict[str, Any]] | None = None,
    error: BucketliftError | None = None,
) -> Response:
    app, draft = visit.app, drafts.get(visit.app, workflow)
    sent = app.ledger.notices.find(workflow=draft.key, limit=recipients.SHOWN)
    return render(
        request,
        "workflows/notices.html",
        status=422 if error else 200,
        draft=draft,
        recipients=recipients.recipients(draft),
        expected=recipients.expected_in_words(draft),
        form=typed or _expected_form(draft),
        tags=", ".join(draft.document.get("tags") or ()) if tags is None else tags,
        new=new or NewRecipient(kind="email", address="", when=("failed", "held")),
        occasion_words=WHEN,
        kinds=KINDS,
        every=EVERY,
        zones=triggers.all_zones(),
        sent=[(each, notices.address(each.channel)) for each in sent],
        chosen=chosen,
        results=results,
        error=error,
        has_mail=app.mail is not None,
    )


def _expected_form(draft: Draft) -> dict[str, str]:
    """The inputs for the expected time. ``keep``: the time is one that this form cannot show."""
    expected = draft.document.get("expected") or {}
    every = str(expected.get("every", ""))
    is_simple = not expected or (every in EVERY and not expected.keys() - {"every", "at", "timezone"})
    at = expected.get("at") or "08:00"
    return {
        "every": every if is_simple else "keep",
        "at": at if isinstance(at, str) else ", ".join(at),
        "timezone": str(expected.get("timezone", "UTC")) if expected else "",
    }


def _when(posted: Any) -> tuple[str, ...]:
    given = set(posted.getlist("when"))
    return tuple(each for each in WHEN if each in given)


def _number(posted: Any) -> int | None:
    typed = str(posted.get("number", ""))
    return int(typed) if _WHOLE.fullmatch(typed) else None


def _address(workflow: str) -> str:
    return f"/workflows/{quote(workflow, safe='')}/notices"
