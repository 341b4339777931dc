"""The position of a task in a workflow, as a part of a URL."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from bucketlift.service.editor import tasks
from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.web.form_keys import form_key
from bucketlift.web.visit import installation

NEW = "new"


def place_of(request: Request, workflow: str, task: str) -> TaskPosition:
    """The position that a URL contains. Only the URL of a new task has the parameter ``after``, so an
    existing task may have the ID ``new``. If the form with the URL's key made a task before, the position is
    that of this task.
    """
    after = request.query_params.get("after")
    if task != NEW or after is None:
        return TaskPosition(workflow=workflow, task=task)
    form = form_key(request.query_params.get("form"))
    known = tasks.made_by(installation(request), workflow, form)
    return TaskPosition(workflow=workflow, task=known, after="" if known else after, form=form)


Here = Annotated[TaskPosition, Depends(place_of)]


def editor(place: TaskPosition) -> str:
    return f"/workflows/{quote(place.workflow, safe='')}"


def address(place: TaskPosition, kind: str, part: str = "") -> str:
    """The URL of a task's page. With ``part``, the URL of a part or an action of this page."""
    task = NEW if place.task is None else quote(place.task, safe="")
    rest = f"/{part}" if part else ""
    after = f"?after={quote(place.after, safe='')}&form={place.form}" if place.task is None else ""
    return f"{editor(place)}/tasks/{task}/{kind}{rest}{after}"
