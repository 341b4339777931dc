"""Describes the results of trials in sentences, for the command line and the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

WORDS = ("new", "updated", "unchanged", "ambiguous")


def summary(trial: Mapping[str, Any]) -> str:
    """The number of rows by effect, such as `3 new, 1 updated, 0 unchanged, 0 ambiguous`."""
    counts = ", ".join(f"{trial['counts'][word]:,} {word}" for word in WORDS)
    return counts if trial["complete"] else f"{counts}; only the first {trial['rows']:,} rows were tried"


def lines(task: Mapping[str, Any]) -> Iterator[str]:
    """Yield the examples and the notes of one load of a dry run, as lines of text."""
    if "trial" in task:
        for each in task["trial"]["examples"]:
            yield example(each, task["table"])
    if "error" in task and "table" in task:
        error = task["error"]
        yield f"{error['what']}: {error['to']}. {error['hint']}".removesuffix(". ")
    for note in task.get("notes", ()):
        yield f"note: {note}"


def example(each: Mapping[str, Any], kind: str) -> str:
    """Describe one row of a trial in a sentence. ``kind``: ``contacts`` or ``employees``."""
    row = f"{each['effect']}: line {each['line']} of {each['file']}"
    noun = kind.removesuffix("s")
    if each["effect"] == "ambiguous":
        who = " and ".join(each["people"])
        return f"{row} matches {noun}s {who} by {' and '.join(each['fields'])}, so it would be a reject"
    if each["effect"] == "new":
        return f"{row} adds {'an' if noun == 'employee' else 'a'} {noun}"
    who = f"{noun} {each['people'][0]}"
    if each["effect"] == "unchanged":
        return f"{row} changes nothing of {who}"
    return f"{row} changes {who}: {', '.join(each['fields'])}"
