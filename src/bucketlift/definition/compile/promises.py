"""Checks that no object is deleted after a load that may repeat rows, unless the file accepts this."""

from __future__ import annotations

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.yaml.problems import Path
from bucketlift.model.account import HttpDestination
from bucketlift.model.directory.data_targets import RecordsTarget
from bucketlift.model.directory.targets import ContactsTarget
from bucketlift.model.workflow import LoadTask, Workflow
from bucketlift.rules.delivery.promises import unaccepted


def check_promises(made: Workflow, path: Path, compilation: Compilation) -> None:
    """Add a problem for each load that may repeat rows, and whose objects are deleted, moved or renamed."""
    positions = {task.id: position for position, task in enumerate(made.tasks)}
    for load, extract in unaccepted(made, compilation.destinations):
        compilation.add_problem(
            f"`{load.id}` delivers rows at least once: after a lost answer, a row may be there twice, and "
            f"`{extract.id}` {extract.after_import.action}s the object that could show it",
            (*path, "tasks", positions[load.id]),
            f"Write `accept_at_least_once: true` in the task `{load.id}` to allow it, or `after_import: keep`"
            f"{_otherwise(load, compilation)}.",
        )


def _otherwise(load: LoadTask, compilation: Compilation) -> str:
    """The end of the hint: the setting with which the destination recognizes a repeat."""
    destination = compilation.destinations.get(load.destination)
    if isinstance(destination, HttpDestination):
        return (
            "; or, if the receiver ignores a repeated Idempotency-Key, `idempotent: true` in the destination"
        )
    if isinstance(load.target, RecordsTarget):
        return "; or name the `key` of the records"
    if isinstance(load.target, ContactsTarget) and load.target.transactions is None:
        return "; or, if the platform's directory has merge rules, `merges_contacts: true` in the destination"
    return ""
