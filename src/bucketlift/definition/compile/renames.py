"""Checks the former names in a file, and asks about possible renames."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from bucketlift.definition.compile.context import Compiling
from bucketlift.definition.yaml.problems import Path
from bucketlift.model.workflow import Workflow
from bucketlift.rules.nearest import nearest
from bucketlift.rules.renames import NEW, Question, former_tasks, former_workflows
from bucketlift.schema.document import Document

TaskName = tuple[str, str]
"""A workflow's key and the id of one of its tasks, both as the file names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renames:
    """Former names of what a file renames now, without earlier renames."""

    workflows: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[TaskName, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The workflows of an installation, by key."""

    live: Mapping[str, Workflow]
    removed: Mapping[str, Workflow]
    """Workflows that were removed: their history is kept."""

    def get(self, key: str) -> Workflow | None:
        return self.live.get(key) or self.removed.get(key)


@dataclass(kw_only=True)
class Renaming:
    """Reads and checks ``renamed_from`` of one file."""

    project: str
    said: Mapping[str, str]
    """Of workflows, by key."""
    said_of_tasks: Mapping[TaskName, str]
    known: Known
    compiling: Compiling

    @staticmethod
    def of(
        document: Document, known: Known, answers: Mapping[TaskName, str], compiling: Compiling
    ) -> Renaming:
        """``answers`` are a person's, and count if the file has none; an empty task ID means the workflow."""
        flows = document.workflows
        said = {key: each.renamed_from for key, each in flows.items() if each.renamed_from is not None}
        tasks = {
            (key, task.id): task.renamed_from
            for key, each in flows.items()
            for task in each.tasks
            if task.renamed_from is not None
        }
        answered = {flow: former for (flow, task), former in answers.items() if not task and flow in flows}
        of_tasks = {name: former for name, former in answers.items() if name[1] and name[0] in flows}
        return Renaming(
            project=document.project,
            said=answered | said,
            said_of_tasks=of_tasks | tasks,
            known=known,
            compiling=compiling,
        )

    def workflows(self, named: Mapping[str, Workflow]) -> dict[str, str]:
        """Workflows that are renamed now, with their former name; errors become problems."""
        renamed: dict[str, str] = {}
        for key, former in self.said.items():
            if former == NEW:
                continue
            path: Path = ("workflows", key, "renamed_from")
            wrong = self._wrong_in_file(key, former, named, renamed.values(), "workflow")
            if wrong is None and self.compiling.installation_known:
                wrong = self._wrong_in_installation(key, former)
            if wrong is not None:
                self.compiling.wrong(wrong[0], path, wrong[1])
            elif self.known.get(key) is None:
                renamed[key] = former
        return renamed

    def _wrong_in_file(
        self, name: str, former: str, named: Collection[str], taken: Collection[str], noun: str
    ) -> tuple[str, str] | None:
        if former == name:
            return (
                f"`{name}` cannot be renamed from itself",
                "Name the former key, or leave `renamed_from` out.",
            )
        if former in named:
            hint = f"Leave `renamed_from` out, or remove the {noun} `{former}` from the file."
            return f"the {noun} `{former}` is still in the file", hint
        if former in taken:
            return f"two {noun}s in the file have `renamed_from: {former}`", "Only one can have its history."
        return None

    def _wrong_in_installation(self, key: str, former: str) -> tuple[str, str] | None:
        before, now = self.known.get(former), self.known.get(key)
        if before is None:
            own = [name for name, flow in self.known.live.items() if flow.project == self.project]
            hint = f"{nearest(former, own)} Leave `renamed_from` out if `{key}` never had another name."
            return (f"there is no workflow `{former}`", hint) if now is None else None
        if before.project != self.project:
            owner = f"belongs to project {before.project}" if before.project else "is changed on the page"
            hint = f"Leave `renamed_from` out, or write `renamed_from: {NEW}`."
            return (f"the workflow `{former}` {owner}", hint) if now is None else None
        if now is not None and former in self.known.live:
            hint = f"Leave `renamed_from` out; `bucketlift apply --prune` removes `{former}`."
            return f"`{key}` and `{former}` both exist, and each has a history of its own", hint
        return None

    def tasks(self, named: Mapping[str, Workflow], renamed: Mapping[str, str]) -> dict[TaskName, str]:
        """Tasks that are renamed now, with their former ID; errors become problems."""
        found: dict[TaskName, str] = {}
        for (flow, task), former in self.said_of_tasks.items():
            if former == NEW or flow not in named:
                continue
            ids = {each.id for each in named[flow].tasks}
            taken = [old for (other, _), old in found.items() if other == flow]
            wrong = self._wrong_in_file(task, former, ids, taken, "task")
            before = self.known.get(renamed.get(flow, flow))
            if wrong is None and self.compiling.installation_known:
                wrong = _wrong_task(flow, task, former, named[flow], before)
            if wrong is not None:
                path = (*self.compiling.task_path(flow, task), "renamed_from")
                self.compiling.wrong(wrong[0], path, wrong[1])
            elif before is not None and former in {each.id for each in before.tasks}:
                found[flow, task] = former
        return found

    def questions(self, named: Mapping[str, Workflow], renames: Renames) -> Iterator[Question]:
        """Possible renames that neither the file nor a person has confirmed or denied."""
        store_of, known = self.compiling.store_of, self.known
        gone = [
            flow
            for key, flow in {**known.removed, **known.live}.items()
            if flow.project == self.project and key not in named and key not in renames.workflows.values()
        ]
        for key, flow in named.items():
            before = known.get(renames.workflows.get(key, key))
            if before is None and key not in self.said and (like := former_workflows(flow, gone, store_of)):
                line = self.compiling.located.line(("workflows", key))
                yield Question(workflow=key, like=like, line=line)
            if before is not None:
                yield from self._about_tasks(flow, before)

    def _about_tasks(self, flow: Workflow, before: Workflow) -> Iterator[Question]:
        mine = {task: old for (key, task), old in self.said_of_tasks.items() if key == flow.key}
        for task, like in former_tasks(flow, before, {*mine, *mine.values()}, self.compiling.store_of):
            line = self.compiling.located.line(self.compiling.task_path(flow.key, task.id))
            yield Question(workflow=flow.key, task=task.id, kind=task.kind, like=like, line=line)


def _wrong_task(
    flow: str, task: str, former: str, now: Workflow, before: Workflow | None
) -> tuple[str, str] | None:
    if before is None:
        return (
            f"the workflow `{flow}` is new, so its tasks have no former ids",
            "Leave `renamed_from` out, or say which workflow it was.",
        )
    kinds = {each.id: each.kind for each in before.tasks}
    if former not in kinds:
        hint = f"{nearest(former, kinds)} Leave `renamed_from` out if `{task}` never had another id."
        return None if task in kinds else (f"the workflow has no task `{former}`", hint)
    if task in kinds:
        return f"`{task}` and `{former}` both exist in the workflow", "Leave `renamed_from` out."
    kind = next(each.kind for each in now.tasks if each.id == task)
    if kind != kinds[former]:
        return f"`{former}` is a task of kind {kinds[former]}, and `{task}` of kind {kind}", "Leave it out."
    return None
