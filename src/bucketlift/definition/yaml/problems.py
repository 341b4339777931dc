"""The problems of a workflow file. All of them are reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bucketlift.errors import NotAvailable, RequestWrong

Path = tuple[str | int, ...]
"""The keys and positions that lead from the top of the document to a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem of a workflow file, and its position."""

    what: str
    to: str
    hint: str = ""
    line: int = 0
    unavailable: bool = False
    """Whether the file is valid, but uses a feature that this version does not support yet."""
    path: Path = field(default=(), compare=False)
    """The path of the value in the document; ``to`` describes this path in words."""
    also: Path = field(default=(), compare=False)
    """The path of another value that has a part in the problem, and could be changed instead."""

    def __str__(self) -> str:
        head = f"{self.what}: {self.to}"
        return f"{head}. {self.hint}" if self.hint else head


class DefinitionWrong(RequestWrong):
    """A workflow file has problems and cannot be used. Its first problem is the error; ``problems`` has all
    of them.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.what, to=first.to, hint=first.hint)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class DefinitionNotAvailable(DefinitionWrong, NotAvailable):
    """A workflow file uses features that this version does not support yet, and has no other problems."""


def refusal(problems: Iterable[Problem]) -> DefinitionWrong:
    """The error for these problems. Each problem is included once, in the file's order; unavailable features
    are last.
    """
    ordered = sorted(dict.fromkeys(problems), key=lambda problem: (problem.unavailable, problem.line))
    kind = DefinitionNotAvailable if ordered[0].unavailable else DefinitionWrong
    return kind(ordered)


def dotted(path: Path) -> str:
    """A path as text, in the usual notation: ``workflows.nightly.tasks[0].extract``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
