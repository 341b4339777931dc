"""What is wrong in a workflow file, told all at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from bucketlift.errors import NotAvailable, RequestWrong

Path = tuple[str | int, ...]
"""Keys and positions from the top of the document to one of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, and where."""

    what: str
    to: str
    hint: str = ""
    line: int = 0
    unavailable: bool = False
    """The file is right, but this version cannot do it yet."""
    path: Path = field(default=(), compare=False)
    """Where it stands in the document; ``to`` says it in words."""

    def __str__(self) -> str:
        head = f"{self.what}: {self.to}"
        return f"{head}. {self.hint}" if self.hint else head


class DefinitionWrong(RequestWrong):
    """A workflow file that cannot be used. Its first problem is the error; ``problems`` holds them all."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.what, to=first.to, hint=first.hint)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class DefinitionNotAvailable(DefinitionWrong, NotAvailable):
    """A workflow file that asks for nothing but what this version does not have yet."""


def refusal(problems: Iterable[Problem]) -> DefinitionWrong:
    """The error for these problems: in the file's order, each once, what is wrong before what is not there yet."""
    told = sorted(dict.fromkeys(problems), key=lambda problem: (problem.unavailable, problem.line))
    kind = DefinitionNotAvailable if told[0].unavailable else DefinitionWrong
    return kind(told)


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word most like this one, else all of them."""
    words = sorted(set(known))
    lowered = {each.lower(): each for each in words}
    if found := difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6):
        return f"Did you mean `{lowered[found[0]]}`?"
    return f"Known here: {', '.join(map(_legible, words))}." if words else "There is none yet."


def _legible(word: str) -> str:
    """A sign alone would be taken for a part of the sentence."""
    return f'"{word}"' if len(word) == 1 and not word.isalnum() else word


def dotted(path: Path) -> str:
    """A path as people write it: ``workflows.nightly.tasks[0].extract``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
