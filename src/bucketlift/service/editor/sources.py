"""The tasks of a draft whose rows a task at a given position can use, and the fields of their rows."""

from __future__ import annotations

from typing import Any

from bucketlift.rules import chain
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.editor.tasks import TaskPosition

Fields = dict[str, list[str]]


def sources_of(draft: Draft, place: TaskPosition) -> Fields:
    """The extract tasks and transforms before this position, each with the names of its fields."""
    found: Fields = {}
    for task in _before(draft, place):
        if "extract" in task:
            found[task["id"]] = list(task["extract"].get("columns", ()))
        elif "transform" in task:
            made = list(task["transform"].get("fields", ()))
            before = found.get(task["transform"].get("from", ""), [])
            found[task["id"]] = before + [name for name in made if name not in before]
    return found


def extracts_of(draft: Draft, place: TaskPosition) -> list[str]:
    """The IDs of the extract tasks before this position."""
    return [str(task["id"]) for task in _before(draft, place) if "extract" in task]


def _before(draft: Draft, place: TaskPosition) -> list[dict[str, Any]]:
    if place.task is None:
        return chain.before(draft.document, place.after or None)
    tasks = list(draft.document["tasks"])
    position = next((at for at, each in enumerate(tasks) if each["id"] == place.task), 0)
    return tasks[:position]
