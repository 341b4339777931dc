"""Checks that no object is deleted after a load that may repeat rows, unless the file accepts this."""

from __future__ import annotations

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.yaml.problems import Path
from bucketlift.model.workflow import Workflow
from bucketlift.rules.delivery.promises import unaccepted


def check_promises(made: Workflow, path: Path, compilation: Compilation) -> None:
    """Add a problem for each load that may repeat rows, and whose objects are deleted, moved or renamed."""
    positions = {task.id: position for position, task in enumerate(made.tasks)}
    for load, extract in unaccepted(made, compilation.destinations):
        compilation.add_problem(
            f"`{load.id}` delivers rows at least once: after a lost answer, a row may be there twice, and "
            f"`{extract.id}` {extract.after_import.action}s the object that could show it",
            (*path, "tasks", positions[load.id]),
            f"Write `accept_at_least_once: true` in the task `{load.id}` to allow it, or `after_import: keep`; or, if "
            "the receiver ignores a repeated Idempotency-Key, `idempotent: true` in the destination.",
        )
