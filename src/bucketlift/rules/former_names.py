"""Checks whether a workflow or task can have had the former name that the file states."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bucketlift.model.workflow import Workflow
from bucketlift.rules.nearest import nearest
from bucketlift.rules.renames import NEW

Wrong = tuple[str, str] | None
"""The problem of a former name, and a hint; None if the name has no problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The workflows of an installation, by key."""

    live: Mapping[str, Workflow]
    removed: Mapping[str, Workflow]
    """Workflows that were removed. The ledger keeps their history."""

    def get(self, key: str) -> Workflow | None:
        return self.live.get(key) or self.removed.get(key)


def wrong_in_file(name: str, former: str, named: Collection[str], taken: Collection[str], noun: str) -> Wrong:
    """The problem of a former name that follows from the file alone: its names, and the other former names in
    it.
    """
    if former == name:
        return f"`{name}` cannot be renamed from itself", "Name the former key, or leave `renamed_from` out."
    if former in named:
        hint = f"Leave `renamed_from` out, or remove the {noun} `{former}` from the file."
        return f"the {noun} `{former}` is still in the file", hint
    if former in taken:
        return (
            f"two {noun}s in the file have `renamed_from: {former}`",
            f"Only one {noun} can take over the history of `{former}`.",
        )
    return None


def wrong_in_installation(key: str, former: str, project: str, known: Known) -> Wrong:
    """The problem of a workflow's former key that follows from the workflows of the installation."""
    before, now = known.get(former), known.get(key)
    if before is None:
        own = [name for name, flow in known.live.items() if flow.project == project]
        hint = f"{nearest(former, own)} Leave `renamed_from` out if `{key}` never had another name."
        return (f"there is no workflow `{former}`", hint) if now is None else None
    if before.project != project:
        owner = f"belongs to project {before.project}" if before.project else "is changed on the page"
        hint = f"Leave `renamed_from` out, or write `renamed_from: {NEW}`."
        return (f"the workflow `{former}` {owner}", hint) if now is None else None
    if now is not None and former in known.live:
        hint = f"Leave `renamed_from` out; `bucketlift apply --prune` removes `{former}`."
        return f"`{key}` and `{former}` both exist, and each has its own history", hint
    return None


def wrong_task(task: str, former: str, now: Workflow, before: Workflow | None) -> Wrong:
    """The problem of a task's former ID that follows from the tasks that the workflow had before."""
    if before is None:
        hint = "Leave `renamed_from` out, or set `renamed_from` of the workflow too."
        return f"the workflow `{now.key}` is new, so its tasks have no former IDs", hint
    kinds = {each.id: each.kind for each in before.tasks}
    if former not in kinds:
        hint = f"{nearest(former, kinds)} Leave `renamed_from` out if `{task}` never had another ID."
        return None if task in kinds else (f"the workflow has no task `{former}`", hint)
    if task in kinds:
        return f"`{task}` and `{former}` both exist in the workflow", "Leave `renamed_from` out."
    kind = next(each.kind for each in now.tasks if each.id == task)
    if kind != kinds[former]:
        return (
            f"`{former}` is a task of kind {kinds[former]}, and `{task}` of kind {kind}",
            "Leave `renamed_from` out.",
        )
    return None
