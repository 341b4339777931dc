"""Edits a workflow's document as a tree of tasks, in which conditions contain tasks.

Documents have the form of workflow files: ``{"tasks": [{"id": ..., "extract" | "transform" | "condition" |
"load" | ...: {...}}, ...]}``. A place in the chain is the ID of the task before it. ``ID.then`` and
``ID.else`` are the starts of a condition's branches; None is the start of the chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Document = dict[str, Any]
BRANCHES = ("then", "else")
LOADS = (
    "load",
    "load_contacts",
    "load_employees",
    "load_responses",
    "load_records",
    "load_rows",
    "load_objects",
)
KINDS = ("extract", "transform", "condition", *LOADS)


@dataclass(slots=True, kw_only=True)
class Link:
    """One task of the chain. ``then`` and ``otherwise`` are the tasks that a condition controls."""

    task: Document
    position: int = -1
    """The task's position in the document, which error messages name."""
    then: list[Link] = field(default_factory=list)
    otherwise: list[Link] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.task.get("id", ""))

    @property
    def kind(self) -> str:
        """The kind of the task: extract, transform, condition, or one of the loads."""
        return next((kind for kind in KINDS if kind in self.task), "")

    def branch(self, name: str) -> list[Link]:
        return self.then if name == "then" else self.otherwise

    def all(self) -> Iterator[Link]:
        """Yield this task and the tasks below it, in the document's order."""
        yield self
        for each in (*self.then, *self.otherwise):
            yield from each.all()


def chain(document: Document) -> list[Link]:
    """The tasks as a tree. If conditions before a task name it, the task is in a branch of the last of these
    conditions.
    """
    links = [Link(task=task, position=position) for position, task in enumerate(document.get("tasks", ()))]
    top: list[Link] = []
    for position, link in enumerate(links):
        home = top
        for before in links[:position]:
            branch = _branch_of(link, before)
            home = home if branch is None else branch
        home.append(link)
    return top


def find(document: Document, task: str) -> Link | None:
    return next((each for link in chain(document) for each in link.all() if each.id == task), None)


def put(document: Document, task: Document, after: str | None = None) -> Document:
    """The document with a task added after the place ``after``. If a task has the same ID, it is replaced."""
    top = chain(document)
    for link in _all(top):
        if link.id == task["id"]:
            link.task = task
            return _written(document, top)
    _insert(top, Link(task=task), after or "")
    return _written(document, top)


def remove(document: Document, task: str) -> Document:
    """The document without a task.

    If a condition is removed, its tasks take its place. If another condition then has no tasks, it is removed
    too.
    """
    top = chain(document)
    for siblings, link, above in _places(top):
        if link.id != task:
            continue
        place = siblings.index(link)
        siblings[place : place + 1] = [*link.then, *link.otherwise]
        rest = _without(document, task)
        if above is not None and not above.then and not above.otherwise and not _is_last(above, top):
            return remove(_written(rest, top), above.id)
        return _written(rest, top)
    return document


def move(document: Document, task: str, by: int) -> Document:
    """The document with a task moved by one place in its branch: before the previous task (-1) or after the
    next task (1).
    """
    top = chain(document)
    for siblings, link, _ in _places(top):
        if link.id == task:
            place = siblings.index(link)
            other = place + by
            if 0 <= other < len(siblings):
                siblings[place], siblings[other] = siblings[other], siblings[place]
    return _written(document, top)


def free_id(document: Document, preferred: str) -> str:
    """The first of the IDs ``preferred``, ``preferred-2``, ``preferred-3``, ... that no task has."""
    taken = {task.get("id") for task in document.get("tasks", ())}
    numbered = (preferred if number == 1 else f"{preferred}-{number}" for number in count(1))
    return next(each for each in numbered if each not in taken)


def before(document: Document, after: str | None) -> list[Document]:
    """The tasks before a place of the chain, in the document's order."""
    mark = {"id": free_id(document, "here")}
    tasks: list[Document] = put(document, mark, after)["tasks"]
    return tasks[: tasks.index(mark)]


def _branch_of(link: Link, before: Link) -> list[Link] | None:
    """The branch of the condition ``before`` that contains the later task ``link``; None if neither branch
    contains it.

    A condition that names no task contains all later tasks.
    """
    condition = before.task.get("condition")
    if condition is None:
        return None
    then, otherwise = condition.get("then") or (), condition.get("else") or ()
    if link.id in otherwise:
        return before.otherwise
    return before.then if link.id in then or not (then or otherwise) else None


def _all(top: Sequence[Link]) -> list[Link]:
    return [each for link in top for each in link.all()]


def _places(
    siblings: list[Link], above: Link | None = None
) -> Iterator[tuple[list[Link], Link, Link | None]]:
    """Yield each task with its siblings and the condition above it."""
    for link in list(siblings):
        yield siblings, link, above
        yield from _places(link.then, link)
        yield from _places(link.otherwise, link)


def _insert(top: list[Link], link: Link, after: str) -> None:
    before, _, branch = after.partition(".")
    if not before:
        top.insert(0, link)
        return
    for siblings, each, _ in _places(top):
        if each.id != before:
            continue
        if branch in BRANCHES:
            each.branch(branch).insert(0, link)
        elif each.kind == "condition" and not each.then and not each.otherwise:
            each.then.append(link)  # a condition that names no task controls all later ones
        else:
            siblings.insert(siblings.index(each) + 1, link)
        return
    top.append(link)


def _is_last(link: Link, top: list[Link]) -> bool:
    return _all(top)[-1] is link


def _without(document: Document, task: str) -> Document:
    return document | {"tasks": [each for each in document["tasks"] if each.get("id") != task]}


def _written(document: Document, top: Sequence[Link]) -> Document:
    return document | {"tasks": [_task(link) for link in _all(top)]}


def _task(link: Link) -> Document:
    if link.kind != "condition":
        return link.task
    kept = {key: value for key, value in link.task["condition"].items() if key not in BRANCHES}
    named = {name: [each.id for each in _all(link.branch(name))] for name in BRANCHES}
    return link.task | {"condition": kept | {name: ids for name, ids in named.items() if ids}}
