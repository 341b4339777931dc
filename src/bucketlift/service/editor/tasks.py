"""Finds, checks and saves one task of a draft."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bucketlift.errors import NotFound
from bucketlift.ledger.workflows.drafts import Creation
from bucketlift.rules import chain
from bucketlift.rules.workflow_key import key_of
from bucketlift.service.core.app import App
from bucketlift.service.editor import documents, drafts
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.drafts import Draft

Form = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPosition:
    """The position of a task, or of a new task, in the workflow's draft."""

    workflow: str
    task: str | None
    """The ID of the task; None for a new task."""
    after: str = ""
    """The position of a new task, as in ``rules.chain``: the ID of the task before it."""
    form: str = ""
    """The key of the form that makes a new task. A form that is sent again changes the task that it made."""


def find(draft: Draft, place: TaskPosition, kind: str) -> Form | None:
    """The settings of the task in the draft; None for a new task.

    Raises:
        NotFound: there is no such task of this kind.
    """
    if place.task is None:
        return None
    link = chain.find(draft.document, place.task)
    if link is None or link.kind != kind:
        raise NotFound(
            f"There is no such {kind} in this workflow", to=place.task, hint="Reload the workflow."
        )
    return dict(link.task[kind])


def made_by(app: App, workflow: str, form: str) -> str | None:
    """The ID of the task that the form with this key made; None if it made none, or the task was deleted."""
    made = drafts.made(app, workflow, form) if form else None
    return made if made and chain.find(drafts.get(app, workflow).document, made) else None


def id_of(document: Form, place: TaskPosition, creation: Creation | None, name: str) -> str:
    """The ID of the task: of the task that is edited, of the task that the same form made before, or a new
    one that is made from ``name``.
    """
    before = creation.made if creation else None
    known = before if before and chain.find(document, before) else None
    found = place.task or known or chain.free_id(document, key_of(name))
    if creation:
        creation.made = found
    return found


def put(
    document: Form,
    place: TaskPosition,
    kind: str,
    settings: Form,
    *,
    name: str,
    creation: Creation | None = None,
) -> Form:
    """The document with the task at its position. The ID of a new task is made from ``name``."""
    task = {"id": id_of(document, place, creation, name), kind: settings}
    there = chain.put(document, task, place.after or None)
    # ``chain.put`` keeps the old branches of a condition. Here the branches from the form replace them.
    return there | {"tasks": [task if each["id"] == task["id"] else each for each in there["tasks"]]}


def problems(
    app: App, draft: Draft, place: TaskPosition, kind: str, settings: Form, *, name: str = "the task"
) -> tuple[DraftProblem, ...]:
    """The problems of the task at its position. Paths are relative to the task's settings. The ID of a new
    task is made from ``name``.
    """
    document = put(draft.document, place, kind, settings, name=name)
    task = place.task or chain.free_id(draft.document, key_of(name))
    position = next(at for at, each in enumerate(document["tasks"]) if each["id"] == task)
    return below(documents.problems(app, place.workflow, document), position, kind)


def below(problems: Iterable[DraftProblem], position: int, kind: str) -> tuple[DraftProblem, ...]:
    """The problems of one task, with paths relative to the task's settings."""
    return tuple(
        each._replace(path=each.path[3:]) for each in problems if each.path[:3] == ("tasks", position, kind)
    )


def save(
    app: App, draft: Draft, place: TaskPosition, kind: str, settings: Form, *, name: str, by: str
) -> None:
    """Save the task to the draft.

    Raises:
        ChangedMeanwhile: the draft has changed since it was read.
        RequestWrong: a workflow file owns the workflow.
    """
    creation = Creation(key=place.form) if place.form else None
    drafts.change(
        app,
        place.workflow,
        lambda document: put(document, place, kind, settings, name=name, creation=creation),
        number=draft.number,
        by=by,
        creation=creation,
    )
