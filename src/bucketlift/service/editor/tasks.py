"""One task of a draft: found, tried in its place, and put there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bucketlift.errors import NotFound
from bucketlift.rules import chain
from bucketlift.rules.workflow_key import key_of
from bucketlift.service.core.app import App
from bucketlift.service.editor import documents, drafts
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.drafts import Draft

Form = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a workflow a task is, or will be."""

    workflow: str
    task: str | None
    """None: a new one."""
    after: str = ""
    """The place that a new one comes to, as ``rules.chain`` writes it."""


def find(draft: Draft, place: Place, kind: str) -> Form | None:
    """What the draft says of the task; None of a new one.

    Raises:
        NotFound: there is no such task of this kind.
    """
    if place.task is None:
        return None
    link = chain.find(draft.document, place.task)
    if link is None or link.kind != kind:
        raise NotFound(
            f"There is no such {kind} in this workflow", to=place.task, hint="Look at the workflow."
        )
    return dict(link.task[kind])


def put(document: Form, place: Place, kind: str, said: Form, *, name: str) -> Form:
    """The document with the task in its place; a new one is called after ``name``."""
    task = {"id": place.task or chain.free_id(document, key_of(name)), kind: said}
    there = chain.put(document, task, place.after or None)
    # The chain keeps a condition's branches as they were; here somebody chose them anew.
    return there | {"tasks": [task if each["id"] == task["id"] else each for each in there["tasks"]]}


def problems(app: App, draft: Draft, place: Place, kind: str, said: Form) -> tuple[DraftProblem, ...]:
    """What would be wrong with the task in its place, whatever else is; paths begin in what it says."""
    name = "the task"
    document = put(draft.document, place, kind, said, name=name)
    task = place.task or chain.free_id(draft.document, key_of(name))
    position = next(at for at, each in enumerate(document["tasks"]) if each["id"] == task)
    return below(documents.problems(app, place.workflow, document), position, kind)


def below(problems: Iterable[DraftProblem], position: int, kind: str) -> tuple[DraftProblem, ...]:
    """Those of what one task says, with paths that begin there."""
    return tuple(
        each._replace(path=each.path[3:]) for each in problems if each.path[:3] == ("tasks", position, kind)
    )


def save(app: App, draft: Draft, place: Place, kind: str, said: Form, *, name: str, by: str) -> None:
    """Put the task into the draft.

    Raises:
        ChangedMeanwhile: somebody else changed the draft since it was read.
        RequestWrong: a workflow file owns the workflow.
    """
    drafts.change(
        app,
        place.workflow,
        lambda document: put(document, place, kind, said, name=name),
        number=draft.number,
        by=by,
    )
