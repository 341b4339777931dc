"""Detects workflows and tasks that look new but may be renamed ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from bucketlift.model.workflow import ExtractTask, LoadTask, Workflow
from bucketlift.rules.loops import StoreOf, overlap

NEW = "none"
"""The value of ``renamed_from`` that states that a workflow or task is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The question whether a new workflow or task is a former one with a new name."""

    workflow: str
    like: tuple[str, ...]
    """The names that may be the former name; the most likely one is first."""
    task: str | None = None
    """The ID of the new task; None if the question is about the workflow."""
    kind: str = "workflow"
    """What the question is about: workflow, extract or load."""
    line: int = 0
    """The line in the file with the new name."""

    @property
    def subject(self) -> str:
        return (
            f"workflow `{self.workflow}`" if self.task is None else f"task `{self.task}` of `{self.workflow}`"
        )

    @property
    def what(self) -> str:
        former = " or ".join(f"`{each}`" for each in self.like)
        match self.kind:
            case "workflow":
                return f"{self.subject} is new and selects the same files as {former}, which is no longer in the file"
            case "extract":
                return f"{self.subject} is new and selects the same files as {former}, which is no longer in the workflow"
            case _:
                return f"{self.subject} is new and fills the same table as {former}, which is no longer in the workflow"

    @property
    def consequence(self) -> str:
        if self.kind == "load":
            return "As a new task, it loads the files again that an interrupted run of the former task had started to load."
        return (
            "As a new workflow, it does not know which files were loaded: it loads them again or holds them."
        )

    @property
    def hint(self) -> str:
        return (
            f"If {self.subject} is `{self.like[0]}` with a new name, add `renamed_from: {self.like[0]}` to it: the history "
            f"stays, and nothing is loaded again. If not, add `renamed_from: {NEW}`."
        )


def same_files(one: Workflow, other: Workflow, store_of: StoreOf) -> bool:
    """Whether both workflows may select the same object."""
    return any(_share(mine, theirs, store_of) for mine in one.extracts for theirs in other.extracts)


def same_target(one: Workflow, other: Workflow) -> bool:
    """Whether both workflows load into the same table."""
    return bool(_tables(one) & _tables(other))


def former_workflows(new: Workflow, gone: Iterable[Workflow], store_of: StoreOf) -> tuple[str, ...]:
    """The removed workflows that may be the new workflow under its former name.

    Workflows that load the same tables are first.
    """
    tables = _tables(new)
    alike = [each for each in gone if same_files(new, each, store_of)]
    return tuple(each.key for each in sorted(alike, key=lambda each: (not tables & _tables(each), each.key)))


def former_tasks(
    now: Workflow, before: Workflow, settled: Collection[str], store_of: StoreOf
) -> Iterator[tuple[ExtractTask | LoadTask, tuple[str, ...]]]:
    """Yield the new extract and load tasks of a workflow, each with the removed tasks whose new name it may
    be.

    ``settled``: new or former IDs for which the file already states the rename.
    """
    here, there = {task.id for task in now.tasks}, {task.id for task in before.tasks}
    gone = [task for task in before.tasks if task.id not in here | set(settled)]
    for task in now.tasks:
        if task.id in there or task.id in settled or not isinstance(task, ExtractTask | LoadTask):
            continue
        alike = tuple(each.id for each in gone if _alike(task, each, store_of))
        if alike:
            yield task, alike


def _alike(task: ExtractTask | LoadTask, former: object, store_of: StoreOf) -> bool:
    match task, former:
        case ExtractTask(), ExtractTask():
            return _share(task, former, store_of)
        case LoadTask(), LoadTask():
            return (task.destination, task.target.table) == (former.destination, former.target.table)
    return False


def _share(one: ExtractTask, other: ExtractTask, store_of: StoreOf) -> bool:
    same = (store_of(one.account), one.selection.bucket) == (store_of(other.account), other.selection.bucket)
    return same and overlap(one.selection, other.selection)


def _tables(workflow: Workflow) -> set[tuple[str, str]]:
    return {(load.destination, load.target.table) for load in workflow.loads}
