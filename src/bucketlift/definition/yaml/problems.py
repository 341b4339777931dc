"""The problems of a workflow file, reported all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bucketlift.errors import NotAvailable, RequestWrong

Path = tuple[str | int, ...]
"""The keys and positions that lead from the top of the document to a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem, and its position."""

    what: str
    to: str
    hint: str = ""
    line: int = 0
    unavailable: bool = False
    """The file is valid, but this version does not support it yet."""
    path: Path = field(default=(), compare=False)
    """The path in the document; ``to`` describes it in words."""

    def __str__(self) -> str:
        head = f"{self.what}: {self.to}"
        return f"{head}. {self.hint}" if self.hint else head


class DefinitionWrong(RequestWrong):
    """A workflow file that cannot be used. Its first problem is the error; ``problems`` has all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.what, to=first.to, hint=first.hint)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class DefinitionNotAvailable(DefinitionWrong, NotAvailable):
    """A workflow file whose only problems are features that this version does not have yet."""


def refusal(problems: Iterable[Problem]) -> DefinitionWrong:
    """The error for these problems: each once, in the file's order, with unavailable features last."""
    ordered = sorted(dict.fromkeys(problems), key=lambda problem: (problem.unavailable, problem.line))
    kind = DefinitionNotAvailable if ordered[0].unavailable else DefinitionWrong
    return kind(ordered)


def dotted(path: Path) -> str:
    """A path in common notation: ``workflows.nightly.tasks[0].extract``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
