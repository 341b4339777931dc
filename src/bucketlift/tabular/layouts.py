"""How a date or a timestamp is written: ISO 8601, or a format in the letters of strptime."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Field
from bucketlift.model.types import TypeName
from bucketlift.tabular.shortcuts import Shortcut, shortcuts

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

MONTH_NUMBERS = {name[:3].lower(): number for number, name in enumerate(MONTHS, start=1)}
DAY_NUMBERS = {name[:3].lower(): number for number, name in enumerate(DAYS)}

LETTERS = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "[0-9]{2}",
    "b": "|".join(name[:3] for name in MONTHS),
    "B": "|".join(MONTHS),
    "d": "[0-9]{2}",
    "a": "|".join(name[:3] for name in DAYS),
    "A": "|".join(DAYS),
    "H": "[0-9]{2}",
    "I": "[0-9]{2}",
    "p": "AM|PM",
    "M": "[0-9]{2}",
    "S": "[0-9]{2}",
    "f": "[0-9]+",
    "z": "Z|[+-][0-9]{2}(?::?[0-9]{2})?",
}
"""What each letter of a format stands for. Names are English, in any case of their letters."""

_NUMBERS = frozenset("YymdHIMSf")
_NAMES = frozenset("bBaAp")
_CLOCK = frozenset("HIpMSfz")
_NEEDS = {"M": "HI", "S": "M", "f": "S", "I": "p", "p": "I"}
_TOKEN = re.compile(r"%(.?)|([0-9])|([^%0-9]+)", re.DOTALL)
_OFFSET_RUNS_ON = re.compile("%z(?:[0-9:]|%[YymdHIMSf])")
_LONGEST = 100
_ISO_DAY = "{Y}-{m}-{d}"
_ISO_TIME = _ISO_DAY + r"[T ]{H}:{M}(?::{S}(?:\.{f})?)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    exact: re.Pattern[str]
    """Its groups bear the letters."""
    shortcuts: tuple[Shortcut, ...]
    """Ways for Arrow to read many cells at once; none of them reads a cell differently."""

    @staticmethod
    def of(field: Field) -> Layout:
        """The layout of a date or timestamp field.

        Raises:
            RequestWrong: its format cannot be read, or does not say all that the type needs.
        """
        if field.format is not None:
            _refuse_incomplete(field.format, field.type)
            template = _template(field.format)
        elif field.type is TypeName.DATE:
            template = _ISO_DAY
        else:
            # Without a zone an offset could not be kept: a text that has one is no value of the field.
            template = _ISO_TIME + ("(?:{z})?" if field.timezone is not None else "")
        return Layout(exact=_exact(template), shortcuts=tuple(shortcuts(template, field.format, field.type)))


def _template(form: str) -> str:
    """The format as a pattern with a place, such as ``{d}``, for each letter; ``{d1}`` may lack its leading zero.

    Where numbers stand side by side all of them must have their zeros: else nobody knows where one ends.
    """
    parts = []
    for side_by_side, group in groupby(_tokens(form), key=lambda token: token[0] in _NUMBERS | {"0"}):
        tokens = list(group)
        alone = side_by_side and len(tokens) == 1
        if any(letter == "f" for letter, _ in tokens[:-1]):
            raise _wrong(form, "a digit follows %f, whose own digits have no fixed number")
        parts += [_part(letter, text, alone=alone) for letter, text in tokens]
    return "".join(parts)


def _part(letter: str, text: str, *, alone: bool) -> str:
    if letter not in LETTERS:
        return re.escape(text).replace("{", "{{").replace("}", "}}")
    return f"{{{letter}1}}" if alone and letter in "mdHIMS" else f"{{{letter}}}"


def _tokens(form: str) -> Iterator[tuple[str, str]]:
    """Letters with their text; a literal digit has the letter ``0``, any other literal none."""
    for found in _TOKEN.finditer(form):
        letter, digit, literal = found.groups()
        if letter is None:
            yield ("0", digit) if digit else ("", literal)
        elif letter == "%":
            yield "", "%"
        elif letter in LETTERS:
            yield letter, found[0]
        else:
            raise _wrong(form, f"`{found[0]}` is none of its letters")


def _refuse_incomplete(form: str, kind: TypeName) -> None:
    told = [letter for letter, _ in _tokens(form) if letter in LETTERS]
    letters = set(told)
    if len(form) > _LONGEST:
        raise _wrong(f"{form[:_LONGEST]}...", f"it has more than {_LONGEST} characters")
    if len(told) != len(letters):
        raise _wrong(form, "one of its letters is there twice")
    for what, some in (("year", "Yy"), ("month", "mbB"), ("day", "d")):
        if len(letters & set(some)) != 1:
            raise _wrong(form, f"it must name the {what} once, by {_either(some)}")
    if kind is TypeName.DATE and letters & _CLOCK:
        raise _wrong(form, "a date has no time of day; a timestamp has")
    if kind is TypeName.TIMESTAMP and len(letters & {"H", "I"}) != 1:
        raise _wrong(form, "it must name the hour once, by %H or %I")
    for letter, needed in _NEEDS.items():
        if letter in letters and not letters & set(needed):
            raise _wrong(form, f"%{letter} needs {_either(needed)}")
    if _OFFSET_RUNS_ON.search(form.replace("%%", "")):
        raise _wrong(form, "what follows %z could be a part of the offset")


def _either(letters: str) -> str:
    return " or ".join(f"%{letter}" for letter in letters)


def _wrong(form: str, why: str) -> RequestWrong:
    letters = " ".join(f"%{letter}" for letter in LETTERS)
    return RequestWrong(
        f"The format `{form}` cannot be used: {why}",
        hint=f'Write it as in "%Y-%m-%d"; the letters are {letters}. A single %d reads 5 as well as 05.',
    )


def _exact(template: str) -> re.Pattern[str]:
    groups = {letter: f"(?P<{letter}>{_folded(letter)})" for letter in LETTERS}
    free = {f"{letter}1": f"(?P<{letter}>[0-9]{{1,2}})" for letter in "mdHIMS"}
    # Of ASCII alone: else the long s would be the s of "Sep".
    return re.compile(template.format_map(groups | free), re.ASCII)


def _folded(letter: str) -> str:
    return f"(?i:{LETTERS[letter]})" if letter in _NAMES else LETTERS[letter]
