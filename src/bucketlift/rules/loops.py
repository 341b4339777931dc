"""Checks for conflicts between workflows when one of them is saved.

No workflow may read the objects that it or another workflow writes, and only one workflow may act on a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from bucketlift.errors import RequestWrong
from bucketlift.model.source import Selection, StoreId
from bucketlift.model.workflow import ExtractTask, Keep, Move, Rename, Workflow
from bucketlift.rules.overlap import ANYTHING, Language, Piece, names, overlaps, plain

StoreOf = Callable[[str], StoreId]
"""Finds the store of an account, by the account's name."""

_ANY_NAME = (Piece(one="?", many=True, slash=False),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A conflict between the action of an extract task and another task."""

    workflow: str
    task: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Actor:
    """An extract task, with its workflow and its position in this workflow."""

    workflow: str
    task: ExtractTask
    store: StoreId

    @property
    def bucket(self) -> tuple[StoreId, str]:
        return self.store, self.task.selection.bucket

    @property
    def acts(self) -> bool:
        return not isinstance(self.task.after_import, Keep)

    @property
    def writes_to(self) -> tuple[StoreId, str] | None:
        action = self.task.after_import
        if isinstance(action, Move):
            return self.store, action.bucket
        return self.bucket if isinstance(action, Rename) else None

    def feeds(self, other: _Actor) -> bool:
        """Whether the other task may select an object that this task writes."""
        return self.writes_to == other.bucket and overlaps(written(self.task), selected(other.task.selection))

    def wrong(self, what: str, hint: str) -> Loop:
        return Loop(workflow=self.workflow, task=self.task.id, what=what, hint=hint)

    def __str__(self) -> str:
        return f"`{self.workflow}`"


def selected(selection: Selection) -> Language:
    """The set of keys that a selection matches."""
    fits, inside = names(selection.pattern), plain(selection.prefix) + ANYTHING
    return ((inside, fits), (inside, ANYTHING + plain("/") + fits))


def written(task: ExtractTask) -> Language:
    """The set of keys that a task's action can write.

    The set contains a few other keys if the prefix ends inside a name.
    """
    selection, action = task.selection, task.after_import
    fits, folder = names(selection.pattern), ANYTHING + plain("/")
    if isinstance(action, Move):
        inside = plain(action.prefix + selection.prefix) + ANYTHING
        return ((inside, plain(action.prefix) + fits), (inside, folder + fits))
    if isinstance(action, Rename):
        above, slash, begun = selection.prefix.rpartition("/")
        renamed = plain(above + slash + action.prefix)
        return (
            (renamed + plain(begun) + _ANY_NAME, renamed + fits),
            (plain(selection.prefix) + ANYTHING, folder + plain(action.prefix) + fits),
        )
    return ()


def refuse_loops(workflow: Workflow, others: Iterable[Workflow], store_of: StoreOf) -> None:
    """Refuse a workflow that conflicts with itself or with other workflows.

    Raises:
        RequestWrong: the first conflict that ``find_loops`` finds.
    """
    for loop in find_loops(workflow, others, store_of):
        raise RequestWrong(loop.what, to=f"workflow {loop.workflow}, task {loop.task}", hint=loop.hint)


def find_loops(workflow: Workflow, others: Iterable[Workflow], store_of: StoreOf) -> Iterator[Loop]:
    """Yield all conflicts of a workflow's actions with each other and with the actions of other workflows.

    Disabled workflows are checked, too.
    """
    own = _actors([workflow], store_of)
    others_actors = _actors([other for other in others if other.key != workflow.key], store_of)
    for actor in own:
        yield from _alone(actor)
        for other in others_actors:
            yield from _between(actor, other)
        yield from _around(actor, own + others_actors)
    for one, two in combinations(own, 2):
        yield from _both_act(two, one)


def _actors(workflows: Iterable[Workflow], store_of: StoreOf) -> list[_Actor]:
    return [
        _Actor(workflow=workflow.key, task=task, store=store_of(task.account))
        for workflow in workflows
        for task in workflow.extracts
    ]


def _alone(actor: _Actor) -> Iterator[Loop]:
    action, prefix = actor.task.after_import, actor.task.selection.prefix
    if isinstance(action, Rename) and not action.prefix:
        hint = "Give a prefix for the renamed files, such as done-."
        yield actor.wrong("a rename with an empty prefix changes nothing", hint)
    # The key of a moved file starts with both prefixes. Therefore this decides for every key.
    if (
        isinstance(action, Move)
        and actor.writes_to == actor.bucket
        and (action.prefix + prefix).startswith(prefix)
    ):
        hint = f"Move to a prefix that does not begin with `{prefix}`, or to another bucket."
        whole = "Give the extract a prefix and move to another one, or move to another bucket."
        yield actor.wrong("the moved files would be selected again", hint if prefix else whole)


def _between(actor: _Actor, other: _Actor) -> Iterator[Loop]:
    yield from _both_act(actor, other)
    for renaming, taking in ((actor, other), (other, actor)):
        if (
            isinstance(action := renaming.task.after_import, Rename)
            and action.prefix
            and renaming.feeds(taking)
        ):
            hint = f"Give {taking} a pattern that leaves out names beginning with `{action.prefix}`, or move the files."
            yield actor.wrong(f"{taking} would take the files that {renaming} renames", hint)


def _both_act(actor: _Actor, other: _Actor) -> Iterator[Loop]:
    if not (actor.acts and other.acts and actor.bucket == other.bucket):
        return
    if overlap(actor.task.selection, other.task.selection):
        who = f"{actor} and {other}" if actor.workflow != other.workflow else f"two tasks of {actor}"
        hint = "Let one of the tasks keep the files, or give the tasks prefixes or patterns that select different keys."
        yield actor.wrong(f"{who} would act on the same files", hint)


def overlap(one: Selection, two: Selection) -> bool:
    """Whether a key can match both selections.

    The prefixes are compared first: this decides most cases, a thousand times faster than the patterns.
    """
    if not one.prefix.startswith(two.prefix) and not two.prefix.startswith(one.prefix):
        return False
    return overlaps(selected(one), selected(two))


def _around(actor: _Actor, all_actors: list[_Actor]) -> Iterator[Loop]:
    """Yield the conflicts in which an object moves through other workflows and comes back to this task."""
    waiting, seen = [(actor, str(actor))], {id(actor)}
    while waiting:
        here, way = waiting.pop()
        for after in (each for each in all_actors if here.feeds(each)):
            if after is actor and here is not actor:
                hint = "Change the last task of the circle: let it move its files to a bucket or prefix that no workflow reads."
                yield actor.wrong(f"the files would move in a circle: {way} → {actor}", hint)
                return
            if id(after) not in seen:
                seen.add(id(after))
                waiting.append((after, f"{way} → {after}"))
