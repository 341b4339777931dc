"""Finds the field setting with which rejected values can be read, by reading them again with the setting."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Field, Negative
from bucketlift.model.rows import RejectReason
from bucketlift.model.types import TypeName
from bucketlift.tabular.types.columns import ColumnReader
from bucketlift.tabular.types.currencies import currencies_in
from bucketlift.tabular.types.numbers import MINUS
from bucketlift.tabular.types.stripping import BLANKS
from bucketlift.tabular.types.values import Value
from bucketlift.yaml_text import hint

ZONES = {
    **dict.fromkeys(("PST", "PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("MST", "MDT"), "America/Denver"),
    **dict.fromkeys(("EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("CET", "CEST"), "Europe/Berlin"),
    **dict.fromkeys(("UTC", "GMT"), "UTC"),
}
"""The most common meaning of each name of a time zone. A hint that uses a meaning asks the person to check
it.
"""
_SIGNS = (
    # The decimal point, and the sign between groups; the simplest first.
    (".", None),
    (",", None),
    (",", "."),
    (".", ","),
    (".", " "),
    (",", " "),
    (".", "'"),
    (",", "'"),
)
_GROUPED = re.compile(r"[0-9]([., '\u2019\u00a0\u202f\u2009])[0-9]{3}(?:\1[0-9]{3}|[.,][0-9])")
"""Matches a group of digits that is surely separated by a thousands sign, because a second group or a decimal
point follows.
"""
_NAMED_ZONE = re.compile(r" ([A-Z]{3,4})$")
_NO_CENTS = re.compile("[.,][-\u2013\u2014]")
"""Matches a dash in place of the decimal places: ``CHF 12.-`` is twelve francs."""
_UNIT = re.compile(
    r"([^\W\d_][^\s\d,;()=+-]{0,11}|°[^\W\d_]?)[ \u00a0\u202f\u2009]*[-(]?\d[^\s]*"
    r"|[-(]?\d[\d.,'\u2019 \u00a0\u202f\u2009)-]*?[ \u00a0\u202f\u2009]*([^\W\d_][^\s\d,;()=+-]{0,11}|°[^\W\d_]?)"
)
"""Matches a number with one word before or after it."""
LONGEST_VALUE = 64
"""Maximum characters of a value in which a unit is searched."""
_NOT_A_UNIT = re.compile(
    r"[kmbtexcdsh]|mm|mn|mio|mln|mrd|bn|bln|tn|tsd|thousand|millions?|milliard(?:en)?|millionen|billions?|trillion"
    r"|hundred|lakhs?|lac|crores?|cr|dr|cred|deb|debit|credit|soll|haben|dozen|minus|neg|negative|ca|circa|approx"
    r"|about|over|under|max|min|nil|st|nd|rd|th|percent|pct|am|pm|hex"
)
"""Matches words that change the number before them, or may do so."""
_BASES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFix:
    """A setting that reads most of the rejected values and does not change the other values."""

    settings: Mapping[str, Any]
    """The keys of the field, as they are written in a workflow file."""
    hint: str
    reads: int
    """The number of rejected values that can be read with the setting."""


def field_fix(field: Field, rejected: Sequence[str], read: Sequence[str] = ()) -> FieldFix | None:
    """The setting that reads the ``rejected`` values of a field and leaves the values of ``read`` unchanged.

    None if no setting reads more than half of the rejected values without changing a value of ``read``. The
    hint contains no other contents of cells than currencies, names of zones, and one unit that most of the
    values have. If several settings read the values differently, the hint lists all of them, and a person
    chooses.
    """
    if not rejected or field.type is TypeName.TEXT:
        return None
    known = _values(field, read)
    tried = [
        (settings, _values(changed, rejected))
        for settings, changed in _candidates(field, rejected)
        if _values(changed, read) == known
    ]
    most = max((_count(values) for _, values in tried), default=0)
    if most * 2 <= len(rejected):
        return None
    best: dict[tuple[Value | RejectReason | None, ...], Mapping[str, Any]] = {}
    for settings, values in tried:
        if _count(values) == most:
            best.setdefault(tuple(values), settings)
    choices = list(best.values())
    return FieldFix(settings=choices[0], hint=_hint(field, choices, rejected), reads=most)


def _hint(field: Field, choices: Sequence[Mapping[str, Any]], rejected: Sequence[str]) -> str:
    first, *others = map(hint, choices)
    if others:
        return f"Values of field `{field.name}` can be read in several ways: set {' or '.join(f'`{each}`' for each in (first, *others))} in the field."
    doubts = list[str]()
    if "thousands" in choices[0] and not any(map(_GROUPED.search, rejected)):
        doubts.append("the character is between groups of three digits")
    if "zone_names" in choices[0]:
        doubts.append("that is what the names mean")
    if units := [text for text in _units(rejected) if text in choices[0].get("strip", ())]:
        doubts.append(f"{' and '.join(f'`{text}`' for text in units)} only names a unit")
    doubt = ", if " + " and ".join(doubts) if doubts else ""
    return f"Set `{first}` in field `{field.name}`{doubt}."


def _candidates(field: Field, rejected: Sequence[str]) -> Iterator[tuple[dict[str, Any], Field]]:
    around = _around(field, rejected)
    match field.type:
        case TypeName.INTEGER | TypeName.DECIMAL:
            found: Iterator[dict[str, Any]] = chain.from_iterable(
                _numbers(field, rejected, each) for each in (around, *_with_units(field, rejected, around))
            )
        case TypeName.TIMESTAMP:
            found = iter([around, *_zones(field, rejected)])
        case _:
            found = iter([around])
    for settings in found:
        if settings:
            yield settings, _with(field, settings)


def _numbers(field: Field, rejected: Sequence[str], around: dict[str, Any]) -> Iterator[dict[str, Any]]:
    negative = _negative(field, rejected)
    for point, thousands in _SIGNS:
        signs: dict[str, Any] = {} if point == (field.decimal_point or ".") else {"decimal_point": point}
        if thousands is not None:
            signs["thousands"] = thousands
        if field.type is TypeName.DECIMAL or point == "." != thousands:
            yield {**signs, **negative, **around}
    if field.type is TypeName.INTEGER:
        yield {"thousands": ".", **negative, **around}
        yield {"type": "decimal", "scale": 0, **negative, **around}


def _negative(field: Field, rejected: Sequence[str]) -> dict[str, Any]:
    bare = [text.strip(BLANKS) for text in rejected]
    seen = {
        Negative.PARENTHESES: any("(" in text for text in bare),
        Negative.TRAILING: any(text.endswith(("-", MINUS)) and not _NO_CENTS.search(text) for text in bare),
        Negative.UNICODE_MINUS: any(MINUS in text for text in bare),
    }
    expected = [each.value for each in Negative if seen[each] or each in field.negative]
    return {"negative": expected} if set(expected) != set(field.negative) else {}


def _around(field: Field, rejected: Sequence[str]) -> dict[str, Any]:
    """The ``strip`` setting for the currencies, percent signs and blanks around values."""
    seen: dict[str, None] = dict.fromkeys(field.strip)
    for text in rejected:
        for end in (text[:1], text[-1:]):
            if end and end in BLANKS:
                seen[" "] = None
        if field.type in (TypeName.INTEGER, TypeName.DECIMAL):
            seen |= dict.fromkeys(_money(text))
    return {"strip": list(seen)} if tuple(seen) != field.strip else {}


def _money(text: str) -> Iterator[str]:
    found = [*currencies_in(text), *("%" for each in text if each == "%")]
    yield from found
    if found and any(blank in text for blank in BLANKS):
        yield " "


def _with_units(field: Field, rejected: Sequence[str], around: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the setting ``around``, extended by the unit that most values have."""
    units = _units(rejected)
    if units:
        texts = dict.fromkeys([*around.get("strip", field.strip), *units])
        if any(blank in text.strip(BLANKS) for text in rejected for blank in BLANKS):
            texts[" "] = None
        yield {"strip": [*(text for text in texts if text != " "), *(text for text in texts if text == " ")]}


def _units(rejected: Sequence[str]) -> list[str]:
    """The word next to the number in most values, in each of its spellings. Currencies are left out, because
    they are known already.
    """
    short = [text.strip(BLANKS) for text in rejected if len(text) <= LONGEST_VALUE]
    found = [match[1] or match[2] for text in short if (match := _UNIT.fullmatch(text))]
    counts = Counter(word.casefold() for word in found)
    for word, count in counts.most_common(1):
        texts = list(dict.fromkeys(each for each in found if each.casefold() == word))
        is_known = all(each in currencies_in(each) for each in texts)
        if (
            count > 1
            and 2 * count > len(rejected)
            and not is_known
            and not _NOT_A_UNIT.fullmatch(word.rstrip("."))
        ):
            return texts
    return []


def _zones(field: Field, rejected: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the zones for the names at the end of the values, if all names are known."""
    names = sorted({found[1] for text in rejected if (found := _NAMED_ZONE.search(text))})
    if not names or field.timezone or not set(names) <= set(ZONES):
        return
    for base in (field.format,) if field.format else _BASES:
        if "%z" not in base and "%Z" not in base:
            yield {"format": f"{base} %Z", "zone_names": {name: ZONES[name] for name in names}}


def _with(field: Field, settings: Mapping[str, Any]) -> Field:
    words = dict(settings)
    for key, kind in (
        ("type", TypeName),
        ("negative", lambda each: tuple(map(Negative, each))),
        ("strip", tuple),
    ):
        if key in words:
            words[key] = kind(words[key])
    if "zone_names" in words:
        words["zone_names"] = tuple(words["zone_names"].items())
    return replace(field, **words)


def _values(field: Field, texts: Sequence[str]) -> list[Value | RejectReason | None]:
    try:
        reader = ColumnReader.of(field)
    except RequestWrong:
        return [RejectReason.NOT_A_DECIMAL] * len(texts)
    return [reader.cell(text) for text in texts]


def _count(values: Sequence[Value | RejectReason | None]) -> int:
    return sum(not isinstance(each, RejectReason) for each in values)
