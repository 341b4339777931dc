"""Finds the input of a form to which a problem of the load belongs."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.service.editor.documents import DraftProblem

_INPUTS = {
    **{
        each: each
        for each in ("to", "table", "directory", "key", "list", "survey", "time_zone", "date_format")
    },
    **{each: each for each in ("project", "batch", "accept_at_least_once", "format", "name")},
    **{each: each for each in ("compression", "on_collision")},
    "from": "source",
    "map": "mapping",
    "types": "mapping",
    "pgp": "recipients",
    "merge": "merge-title",
    "transactions": "date",
}
"""The ID of the input for each key of a load."""


def problem_at(problems: Sequence[DraftProblem], *path: str) -> DraftProblem | None:
    """The first problem of the setting at a path, or below it."""
    return next((each for each in problems if each.path[: len(path)] == path), None)


def input_of(problem: DraftProblem) -> str:
    """The ID of the input to which a problem belongs; empty if it belongs to the whole load."""
    match problem.path:
        case ("dialect", str(word), *_):
            return f"dialect-{word}"
        case (str(word), *_):
            return _INPUTS.get(word, "")
        case _:
            return ""
