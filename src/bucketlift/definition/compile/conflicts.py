"""Checks the accounts and workflows of a file for conflicts with each other and with the installation."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.yaml.problems import Path
from bucketlift.model.workflow import Workflow
from bucketlift.rules.delivery.promises import unsafe_loads
from bucketlift.rules.doubles.doubled_loads import doubled_loads
from bucketlift.rules.file_accounts import shared_folders
from bucketlift.rules.following import circle, followed
from bucketlift.rules.loops import find_loops
from bucketlift.rules.objects.loops import find_object_loops


def check_loops(workflows: Sequence[Workflow], others: Sequence[Workflow], compilation: Compilation) -> None:
    """Add a problem for each conflict that a workflow of the file has. If two workflows of the file conflict,
    the problem is at the later one.
    """
    for position, each in enumerate(workflows):
        for loop in find_loops(each, (*others, *workflows[:position]), compilation.store_of):
            path = compilation.task_path(loop.workflow, loop.task)
            compilation.add_problem(loop.what, (*path, "extract", "after_import"), loop.hint)


def check_object_loops(
    workflows: Sequence[Workflow], others: Sequence[Workflow], compilation: Compilation
) -> None:
    """Refuse loads whose files their own extract would read again."""
    for each in workflows:
        beside = [other for other in (*others, *workflows) if other.key != each.key]
        for loop in find_object_loops(each, beside, compilation.destinations, compilation.store_of):
            compilation.add_problem(loop.what, compilation.task_path(each.key, loop.load), loop.hint)


def check_promises(workflows: Sequence[Workflow], compilation: Compilation) -> None:
    """Refuse loads that may repeat rows, and whose objects are deleted, moved or renamed."""
    for each in workflows:
        for unsafe in unsafe_loads(each, compilation.destinations):
            kind = next(load.target.task_kind for load in each.loads if load.id == unsafe.load)
            path = (*compilation.task_path(each.key, unsafe.load), kind, "accept_at_least_once")
            compilation.add_problem(unsafe.what, path, unsafe.hint)


def check_doubled_loads(workflows: Sequence[Workflow], compilation: Compilation) -> None:
    """Refuse two loads of one extract that write the same rows to the same place."""
    for each in workflows:
        kinds = {load.id: load.target.task_kind for load in each.loads}
        for double in doubled_loads(each, compilation.destinations, compilation.lookup):
            first, second = (
                (*compilation.task_path(each.key, load), kinds[load])
                for load in (double.first, double.second)
            )
            compilation.add_problem(double.what, second, double.hint, also=first)


def check_file_accounts(own: Collection[str], compilation: Compilation) -> None:
    """Refuse accounts of the file that share files with another account."""
    for name, what, hint in shared_folders(compilation.accounts, own):
        compilation.add_problem(f"account `{name}`: {what}", ("accounts", name), hint)


def check_followed(
    workflows: Sequence[Workflow], others: Sequence[Workflow], compilation: Compilation
) -> None:
    """Check that the workflows after which others start exist, and that they form no cycle."""
    known = {each.key: each for each in (*others, *workflows)}
    reported: set[str] = set()
    for each in workflows:
        for other in followed(each):
            compilation.check_installed(other, known, _path_of(each.key, other, compilation), "workflow")
        cycle = circle(each, known)
        if cycle and not reported.intersection(cycle):
            reported.update(cycle)
            compilation.add_problem(
                _endless(cycle),
                _path_of(each.key, cycle[1], compilation),
                "The workflow would start itself again and again.",
            )


def _endless(cycle: Sequence[str]) -> str:
    if len(cycle) == 2:
        return "a workflow cannot start after itself"
    return f"these workflows start each other in a circle: {' after '.join(cycle)}"


def _path_of(workflow: str, other: str, compilation: Compilation) -> Path:
    """The path at which a workflow of the file names the workflow after which it starts."""
    path: Path = ("workflows", workflow, "triggers")
    named = [each.get("after", {}).get("workflow") for each in compilation.located.at(path)]
    return (*path, named.index(other), "after", "workflow")
