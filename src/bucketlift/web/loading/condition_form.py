"""The form of a condition: groups of tests, and the tasks of each branch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from starlette.datastructures import FormData

from bucketlift.model.workflow import Measure, Operator

Document = dict[str, Any]
OPERATORS: tuple[str, ...] = get_args(Operator)
MEASURES = {
    Measure.FILES: "files read",
    Measure.ROWS: "rows",
    Measure.REJECTED: "rejected rows",
    Measure.HELD: "files held",
    Measure.BYTES: "bytes",
}
DEEPEST = 5
_COMPARISON = re.compile(r"(?P<task>\S+)\.(?P<measure>\w+)\s*(?P<operator>[=!<>]+)\s*(?P<number>\d+)")
_ROOT = "r"
_STEP = re.compile("[0-9]{1,3}")


@dataclass(slots=True, kw_only=True)
class Test:
    task: str = ""
    measure: str = Measure.ROWS.value
    operator: str = ">"
    number: str = "0"


@dataclass(slots=True, kw_only=True)
class Group:
    word: str = "all"
    members: list[Group | Test] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class ConditionForm:
    group: Group
    answers: dict[str, str] = field(default_factory=dict)
    """For each later task, its branch: ``then``, ``else``, or empty if the task always runs."""

    @staticmethod
    def new(task: str) -> ConditionForm:
        return ConditionForm(group=Group(members=[Test(task=task)]))

    @staticmethod
    def of(document: Document, later: Sequence[str]) -> ConditionForm:
        then, otherwise = document.get("then", ()), document.get("else", ())
        usual = "then" if not then and not otherwise else ""
        answers = {task: "then" if task in then else "else" if task in otherwise else usual for task in later}
        return ConditionForm(group=_group_of(document), answers=answers)

    @staticmethod
    def posted(form: FormData) -> ConditionForm:
        text = {name: value for name, value in form.items() if isinstance(value, str)}
        answers = {
            name.removeprefix("answer."): value for name, value in text.items() if name.startswith("answer.")
        }
        return ConditionForm(group=_group_at(_ROOT, text, depth=0), answers=answers)

    def as_document(self) -> Document:
        """The condition as it is written in a workflow file. If every later task is in ``then``, the list is
        left out.
        """
        then = [task for task, answer in self.answers.items() if answer == "then"]
        otherwise = [task for task, answer in self.answers.items() if answer == "else"]
        whole = len(then) == len(self.answers)
        named = {} if whole else {"then": then, "else": otherwise}
        return _group_document(self.group) | {word: tasks for word, tasks in named.items() if tasks}

    def change(self, doing: str, *, task: str) -> None:
        """Add a test or a group to the group at a path, or remove the member at a path. ``doing`` contains
        the button's name and the path.
        """
        word, _, path = doing.partition(":")
        steps = [int(step) for step in path.split(".")[1:] if _STEP.fullmatch(step)]
        match word:
            case "test":
                if (group := self._at(steps)) is not None:
                    group.members.append(Test(task=task))
            case "group":
                if (group := self._at(steps)) is not None and len(steps) < DEEPEST:
                    group.members.append(Group(word="any", members=[Test(task=task)]))
            case "remove" if steps:
                above = self._at(steps[:-1])
                if above is not None and steps[-1] < len(above.members):
                    del above.members[steps[-1]]

    def _at(self, steps: Sequence[int]) -> Group | None:
        here: Group | Test = self.group
        for step in steps:
            if not isinstance(here, Group) or step >= len(here.members):
                return None
            here = here.members[step]
        return here if isinstance(here, Group) else None


def _group_of(document: Document) -> Group:
    word = "any" if document.get("any") else "all"
    return Group(word=word, members=[_member_of(each) for each in document.get(word) or ()])


def _member_of(document: str | Document) -> Group | Test:
    if isinstance(document, dict):
        return _group_of(document)
    found = _COMPARISON.fullmatch(document.strip())
    return Test(**found.groupdict()) if found else Test()


def _group_at(path: str, text: dict[str, str], *, depth: int) -> Group:
    word = "any" if text.get(f"word.{path}") == "any" else "all"
    return Group(word=word, members=list(_members_at(path, text, depth=depth)))


def _members_at(path: str, text: dict[str, str], *, depth: int) -> Iterator[Group | Test]:
    below = re.compile(rf"(?:word|task)\.{re.escape(path)}\.([0-9]{{1,3}})")
    for step in sorted({int(found[1]) for name in text if (found := below.fullmatch(name))}):
        here = f"{path}.{step}"
        if f"word.{here}" in text:
            if depth < DEEPEST:
                yield _group_at(here, text, depth=depth + 1)
        else:
            yield Test(
                task=text.get(f"task.{here}", ""),
                measure=text.get(f"measure.{here}", ""),
                operator=text.get(f"operator.{here}", ""),
                number=text.get(f"number.{here}", "").strip().replace(",", ""),
            )


def _group_document(group: Group) -> Document:
    return {
        group.word: [
            _group_document(each)
            if isinstance(each, Group)
            else f"{each.task}.{each.measure} {each.operator} {each.number}"
            for each in group.members
        ]
    }
