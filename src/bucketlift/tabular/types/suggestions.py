"""Suggests types for a field from the values of a sample. A suggestion reads every value of the sample, and is
used only if a person accepts it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Field, Negative
from bucketlift.model.rows import RejectReason
from bucketlift.model.types import TypeName
from bucketlift.tabular.types.columns import ColumnReader

MOST = 3
"""Maximum number of suggestions for a field."""
LEAST = 2
"""Minimum number of values from which a type is suggested."""
_LEADING_ZERO = re.compile(r"[-+]?0\d")
_INTEGER = re.compile(r"[-+]?\d{1,18}")
_LONG_NUMBER = re.compile(r"\d{12,}")
"""Matches numbers with so many digits that they are probably identifiers, such as card or bank numbers."""
_DATES = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d %b %Y",
    "%d-%b-%Y",
)
_TIMESTAMPS = (
    None,
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S%z",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
)
_WORDS = (
    ("true", "false"),
    ("yes", "no"),
    ("y", "n"),
    ("ja", "nein"),
    ("oui", "non"),
    ("sí", "no"),
    ("si", "no"),
)
_SIGNS = ((".", None), (",", None), (".", ","), (",", "."), (",", " "), (".", " "), (".", "'"))
"""The decimal point, and the thousands separator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """The settings of a field, with the keys of a workflow file, that read every value of the sample."""

    settings: Mapping[str, Any]
    values: int
    """The number of values that were read. Empty ones are not counted."""


def suggestions_for(values: Sequence[str]) -> tuple[Suggestion, ...]:
    """The types that read all of these values, the likeliest first; none if the values are texts.

    If the values can be read in two ways, both are suggested. Numbers that start with 0, and very long ones, are
    identifiers, so no number is suggested for them.
    """
    filled = [each for each in values if each.strip()]
    if len(filled) < LEAST:
        return ()
    distinct = tuple(dict.fromkeys(filled))
    found: dict[tuple[object, ...], Mapping[str, Any]] = {}
    for settings in _candidates(distinct):
        read = _read(settings, distinct)
        if read is not None:
            found.setdefault((settings["type"], _is_day_first(settings), *read), settings)
    return tuple(Suggestion(settings=each, values=len(filled)) for each in found.values())[:MOST]


def _is_day_first(settings: Mapping[str, Any]) -> bool:
    """Whether the format has the day before the month. 01/01/2026 is the same date in both orders, but later values
    may differ.
    """
    form = settings.get("format", "")
    return bool(0 <= form.find("%d") < form.find("%m"))


def _candidates(values: Sequence[str]) -> Iterator[dict[str, Any]]:
    yield from _booleans(values)
    yield from (
        {"type": "date"} if each == "%Y-%m-%d" else {"type": "date", "format": each} for each in _DATES
    )
    if any(":" in value for value in values):
        yield from ({"type": "timestamp"} | ({"format": each} if each else {}) for each in _TIMESTAMPS)
    if not any(_LEADING_ZERO.match(value) or _LONG_NUMBER.search(value) for value in values):
        yield from _numbers(values)


def _booleans(values: Sequence[str]) -> Iterator[dict[str, Any]]:
    words = {value.strip().lower() for value in values}
    for true, false in _WORDS:
        if words == {true, false}:
            named = {} if true == "true" else {"true": [true], "false": [false]}
            yield {"type": "boolean"} | named


def _numbers(values: Sequence[str]) -> Iterator[dict[str, Any]]:
    if all(_INTEGER.fullmatch(value.strip()) for value in values):
        yield {"type": "integer"}
        return
    if not all(any(map(str.isdigit, value)) for value in values):
        return
    for point, thousands in _SIGNS:
        decimals = [
            len(value.rpartition(point)[2].rstrip(")- ")) if point in value else 0 for value in values
        ]
        if thousands and not any(thousands in value for value in values):
            continue
        settings: dict[str, Any] = (
            {"type": "decimal", "scale": max(decimals)} if any(decimals) else {"type": "integer"}
        )
        settings |= {"decimal_point": ","} if point == "," and any(decimals) else {}
        settings |= {"thousands": thousands} if thousands else {}
        in_parentheses = any(value.startswith("(") for value in values)
        yield settings | ({"negative": ["parentheses"]} if in_parentheses else {})


def _read(settings: Mapping[str, Any], values: Sequence[str]) -> list[object] | None:
    """The values with these settings; None if one of them cannot be read."""
    reader = _reader(json.dumps(settings, sort_keys=True))
    if reader is None:
        return None
    found: list[object] = []
    for each in values:
        value = reader.cell(each)
        if isinstance(value, RejectReason):
            return None
        found.append(value)
    return found


@lru_cache(maxsize=256)
def _reader(settings: str) -> ColumnReader | None:
    """The reader for these settings, as JSON; None if they cannot be used. Samples have many similar fields."""
    try:
        return ColumnReader.of(_field(json.loads(settings)))
    except RequestWrong:
        return None


def _field(settings: Mapping[str, Any]) -> Field:
    return Field(
        name="a field",
        type=TypeName(settings["type"]),
        format=settings.get("format"),
        scale=settings.get("scale"),
        decimal_point=settings.get("decimal_point"),
        thousands=settings.get("thousands"),
        negative=tuple(map(Negative, settings.get("negative", ()))),
        true_words=tuple(settings.get("true", ())),
        false_words=tuple(settings.get("false", ())),
    )
