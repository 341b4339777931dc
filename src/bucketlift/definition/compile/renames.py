"""Checks the former names in a file, and finds names that may be renames, about which a person is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.yaml.problems import Path
from bucketlift.model.workflow import Workflow
from bucketlift.rules.former_names import Known, wrong_in_file, wrong_in_installation, wrong_task
from bucketlift.rules.renames import NEW, Question, former_tasks, former_workflows
from bucketlift.schema.document import Document

TaskName = tuple[str, str]
"""A workflow's key and the ID of one of its tasks, both as the file names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renames:
    """The former names of the workflows and tasks that are renamed by this application of the file. Earlier
    renames are not included.
    """

    workflows: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[TaskName, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Renaming:
    """Reads and checks the ``renamed_from`` keys of one file."""

    project: str
    former_workflows: Mapping[str, str]
    """The former names that the file gives, by workflow key."""
    former_tasks: Mapping[TaskName, str]
    known: Known
    compilation: Compilation

    @staticmethod
    def of(
        document: Document, known: Known, answers: Mapping[TaskName, str], compilation: Compilation
    ) -> Renaming:
        """Read the ``renamed_from`` keys. For a name without this key, the person's ``answers`` are used. An
        empty task ID means the workflow.
        """
        flows = document.workflows
        workflows = {key: each.renamed_from for key, each in flows.items() if each.renamed_from is not None}
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
            former_workflows=answered | workflows,
            former_tasks=of_tasks | tasks,
            known=known,
            compilation=compilation,
        )

    def workflows(self, named: Mapping[str, Workflow]) -> dict[str, str]:
        """The workflows that are renamed now, each with its former name. Errors become problems."""
        renamed: dict[str, str] = {}
        for key, former in self.former_workflows.items():
            if former == NEW:
                continue
            path: Path = ("workflows", key, "renamed_from")
            wrong = wrong_in_file(key, former, named, renamed.values(), "workflow")
            if wrong is None and self.compilation.installation_known:
                wrong = wrong_in_installation(key, former, self.project, self.known)
            if wrong is not None:
                self.compilation.add_problem(wrong[0], path, wrong[1])
            elif self.known.get(key) is None:
                renamed[key] = former
        return renamed

    def tasks(self, named: Mapping[str, Workflow], renamed: Mapping[str, str]) -> dict[TaskName, str]:
        """The tasks that are renamed now, each with its former ID. Errors become problems."""
        found: dict[TaskName, str] = {}
        for (flow, task), former in self.former_tasks.items():
            if former == NEW or flow not in named:
                continue
            ids = {each.id for each in named[flow].tasks}
            taken = [old for (other, _), old in found.items() if other == flow]
            wrong = wrong_in_file(task, former, ids, taken, "task")
            before = self.known.get(renamed.get(flow, flow))
            if wrong is None and self.compilation.installation_known:
                wrong = wrong_task(task, former, named[flow], before)
            if wrong is not None:
                path = (*self.compilation.task_path(flow, task), "renamed_from")
                self.compilation.add_problem(wrong[0], path, wrong[1])
            elif before is not None and former in {each.id for each in before.tasks}:
                found[flow, task] = former
        return found

    def questions(self, named: Mapping[str, Workflow], renames: Renames) -> Iterator[Question]:
        """Yield questions about possible renames to which neither the file nor a person has given an answer."""
        store_of, known = self.compilation.store_of, self.known
        gone = [
            flow
            for key, flow in {**known.removed, **known.live}.items()
            if flow.project == self.project and key not in named and key not in renames.workflows.values()
        ]
        for key, flow in named.items():
            before = known.get(renames.workflows.get(key, key))
            if (
                before is None
                and key not in self.former_workflows
                and (like := former_workflows(flow, gone, store_of))
            ):
                line = self.compilation.located.line(("workflows", key))
                yield Question(workflow=key, like=like, line=line)
            if before is not None:
                yield from self._about_tasks(flow, before)

    def _about_tasks(self, flow: Workflow, before: Workflow) -> Iterator[Question]:
        mine = {task: old for (key, task), old in self.former_tasks.items() if key == flow.key}
        for task, like in former_tasks(flow, before, {*mine, *mine.values()}, self.compilation.store_of):
            line = self.compilation.located.line(self.compilation.task_path(flow.key, task.id))
            yield Question(workflow=flow.key, task=task.id, kind=task.kind, like=like, line=line)
