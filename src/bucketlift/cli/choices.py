"""Options whose values are members of an enumeration."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

import typer

E = TypeVar("E", bound=StrEnum)


def chosen(kind: type[E], words: Iterable[str] | None) -> tuple[E, ...]:
    """Return the words as members of their enumeration.

    Raises:
        typer.BadParameter: a word is not a member; the message lists the members.
    """
    known = {each.value: each for each in kind}
    wrong = [word for word in words or () if word not in known]
    if wrong:
        raise typer.BadParameter(f"There is no state {wrong[0]}; the states are {', '.join(known)}")
    return tuple(known[word] for word in words or ())
