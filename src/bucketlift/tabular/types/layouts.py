"""The way in which a date or a timestamp is written: ISO 8601, or a strptime format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Field
from bucketlift.model.types import TypeName
from bucketlift.tabular.types.shortcuts import Shortcut, shortcuts
from bucketlift.tabular.types.stripping import pattern_of

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
    "Z": "",
}
"""The pattern of each format letter. %Z is the name of one of the field's zones, in exactly this case. Other
names are English, in upper or lower case.
"""

_NUMBERS = frozenset("YymdHIMSf")
_NAMES = frozenset("bBaAp")
_CLOCK = frozenset("HIpMSfzZ")
_NEEDS = {"M": "HI", "S": "M", "f": "S", "I": "p", "p": "I"}
_TOKEN = re.compile(r"%(.?)|([0-9])|([^%0-9]+)", re.DOTALL)
_OFFSET_RUNS_ON = re.compile("%z(?:[0-9:]|%[YymdHIMSf])")
_ZONE_BESIDE_NUMBER = re.compile("(?:[0-9]|%[YymdHIMSf])%Z|%Z(?:[0-9]|%[YymdHIMSf])")
_LONGEST = 100
_ISO_DAY = "{Y}-{m}-{d}"
_ISO_TIME = _ISO_DAY + r"[T ]{H}:{M}(?::{S}(?:\.{f})?)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    exact: re.Pattern[str]
    """Matches a text in this layout. The groups are named by the format letters."""
    shortcuts: tuple[Shortcut, ...]
    """The shortcuts with which Arrow converts many cells at once, with the same results."""

    @staticmethod
    def of(field: Field) -> Layout:
        """The layout of a date or timestamp field.

        Raises:
            RequestWrong: the format is invalid, or lacks a part that the type needs.
        """
        names = [name for name, _ in field.zone_names]
        if field.format is not None:
            _refuse_incomplete(field.format, field.type)
            _refuse_zone_names(field.format, names)
            template = _template(field.format)
        elif field.type is TypeName.DATE:
            template = _ISO_DAY
        else:
            # Without a time zone an offset would be lost, so a text with an offset is rejected.
            template = _ISO_TIME + ("(?:{z})?" if field.timezone is not None else "")
        return Layout(exact=_exact(template, names), shortcuts=tuple(_shortcuts(template, field, names)))


def _shortcuts(template: str, field: Field, names: Sequence[str]) -> Iterator[Shortcut]:
    """Yield the shortcuts for a template. If the field has zone names, yield the shortcuts for each name."""
    if field.format is None or not names:
        yield from shortcuts(template, field.format, field.type)
        return
    for name in names:
        for each in shortcuts(_template(field.format, name), _with_zone(field.format, name), field.type):
            yield replace(each, zone_name=name)


def _with_zone(form: str, name: str) -> str:
    """The format for texts that contain this name of a zone."""
    escaped = name.replace("%", "%%")
    return re.sub("%%|%Z", lambda found: escaped if found[0] == "%Z" else found[0], form)


def _template(form: str, zone_name: str | None = None) -> str:
    """The format as a pattern with a placeholder such as ``{d}`` for each letter. At the place of ``{d1}``,
    the leading zero may be missing.

    Numbers without a sign between them must have all leading zeros, because the end of each would not be
    known otherwise. If ``zone_name`` is given, it replaces the letter of the zone.
    """
    parts = []
    for side_by_side, group in groupby(_tokens(form), key=lambda token: token[0] in _NUMBERS | {"0"}):
        tokens = list(group)
        alone = side_by_side and len(tokens) == 1
        if any(letter == "f" for letter, _ in tokens[:-1]):
            raise _wrong(form, "a digit follows %f, which has no fixed number of digits")
        parts += [
            _literal(re.escape(zone_name))
            if letter == "Z" and zone_name is not None
            else _part(letter, text, alone=alone)
            for letter, text in tokens
        ]
    return "".join(parts)


def _part(letter: str, text: str, *, alone: bool) -> str:
    if letter not in LETTERS:
        return _literal(pattern_of(text))
    return f"{{{letter}1}}" if alone and letter in "mdHIMS" else f"{{{letter}}}"


def _literal(pattern: str) -> str:
    return pattern.replace("{", "{{").replace("}", "}}")


def _tokens(form: str) -> Iterator[tuple[str, str]]:
    """Yield the letters of a format with their text. A digit that is not part of a letter has the letter
    ``0``; other texts have none.
    """
    for found in _TOKEN.finditer(form):
        letter, digit, literal = found.groups()
        if letter is None:
            yield ("0", digit) if digit else ("", literal)
        elif letter == "%":
            yield "", "%"
        elif letter in LETTERS:
            yield letter, found[0]
        else:
            raise _wrong(form, f"`{found[0]}` is not a format letter")


def _refuse_incomplete(form: str, kind: TypeName) -> None:
    parsed = [letter for letter, _ in _tokens(form) if letter in LETTERS]
    letters = set(parsed)
    if len(form) > _LONGEST:
        raise _wrong(f"{form[:_LONGEST]}...", f"it has more than {_LONGEST} characters")
    if len(parsed) != len(letters):
        raise _wrong(form, "a letter occurs twice")
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
        raise _wrong(form, "the text after %z could be part of the offset")


def _refuse_zone_names(form: str, names: Sequence[str]) -> None:
    plain = form.replace("%%", "")
    if "%Z" not in plain:
        return
    if not names:
        raise _wrong(
            form, "%Z needs `zone_names`, such as {PST: America/Los_Angeles, PDT: America/Los_Angeles}"
        )
    if "%z" in plain:
        raise _wrong(form, "%z and %Z both give the offset")
    at_an_end = any(name[:1].isdigit() or name[-1:].isdigit() for name in names)
    if at_an_end and _ZONE_BESIDE_NUMBER.search(plain):
        raise _wrong(form, "a number next to %Z could be part of the zone's name")


def _either(letters: str) -> str:
    return " or ".join(f"%{letter}" for letter in letters)


def _wrong(form: str, why: str) -> RequestWrong:
    letters = " ".join(f"%{letter}" for letter in LETTERS)
    return RequestWrong(
        f"The format `{form}` cannot be used: {why}",
        hint=f'Write a format such as "%Y-%m-%d"; the letters are {letters}. A single %d reads 5 as well as 05.',
    )


def _exact(template: str, zone_names: Sequence[str]) -> re.Pattern[str]:
    groups = {letter: f"(?P<{letter}>{_folded(letter)})" for letter in LETTERS}
    free = {f"{letter}1": f"(?P<{letter}>[0-9]{{1,2}})" for letter in "mdHIMS"}
    longest_first = sorted(map(re.escape, zone_names), key=len, reverse=True)
    # ASCII only: otherwise the long s would match the s of "Sep".
    return re.compile(
        template.format_map(groups | free | {"Z": f"(?P<Z>{'|'.join(longest_first)})"}), re.ASCII
    )


def _folded(letter: str) -> str:
    return f"(?i:{LETTERS[letter]})" if letter in _NAMES else LETTERS[letter]
