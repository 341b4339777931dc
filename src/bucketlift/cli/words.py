"""Options whose values are words that the code knows."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

import typer

E = TypeVar("E", bound=StrEnum)


def chosen(kind: type[E], words: Iterable[str] | None) -> tuple[E, ...]:
    """The words as members of their kind; a wrong one is a wrong command line that names the right ones."""
    known = {each.value: each for each in kind}
    wrong = [word for word in words or () if word not in known]
    if wrong:
        raise typer.BadParameter(f"There is no state {wrong[0]}; the states are {', '.join(known)}")
    return tuple(known[word] for word in words or ())
