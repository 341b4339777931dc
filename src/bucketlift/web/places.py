"""The position of a task in a workflow, as a part of a URL."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from bucketlift.service.editor.tasks import TaskPosition

NEW = "new"


def place_of(request: Request, workflow: str, task: str) -> TaskPosition:
    """The position that a URL contains. Only the URL of a new task has the parameter ``after``, so an
    existing task may have the ID ``new``.
    """
    after = request.query_params.get("after")
    is_new = task == NEW and after is not None
    return TaskPosition(
        workflow=workflow, task=None if is_new else task, after=(after or "") if is_new else ""
    )


Here = Annotated[TaskPosition, Depends(place_of)]


def editor(place: TaskPosition) -> str:
    return f"/workflows/{quote(place.workflow, safe='')}"


def address(place: TaskPosition, kind: str, part: str = "") -> str:
    """The URL of a task's page. With ``part``, the URL of a part or an action of this page."""
    task = NEW if place.task is None else quote(place.task, safe="")
    rest = f"/{part}" if part else ""
    after = f"?after={quote(place.after, safe='')}" if place.task is None else ""
    return f"{editor(place)}/tasks/{task}/{kind}{rest}{after}"
