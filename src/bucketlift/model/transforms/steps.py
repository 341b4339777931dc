"""The steps of a transform. Each step changes one value of a row, or makes the row a reject."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bucketlift.model.contract import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Trim:
    """Removes blanks and line ends at both ends of the text."""

    kind: Literal["trim"] = "trim"


class Case(StrEnum):
    LOWER = "lower"
    UPPER = "upper"
    TITLE = "title"
    """The first letter of each word is a capital."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCase:
    case: Case
    kind: Literal["case"] = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPrefix:
    prefix: str
    kind: Literal["prefix"] = "prefix"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSuffix:
    suffix: str
    kind: Literal["suffix"] = "suffix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Replaces each occurrence of a text, or the whole value if it equals the text."""

    text: str
    by: str = ""
    whole: bool = False
    regex: bool = False
    """Whether ``text`` is a regular expression (RE2). ``by`` may then contain references such as ``\\1``."""
    kind: Literal["replace"] = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Keeps one part of the text. A row without this part is a reject."""

    part: int
    """The number of the part to keep, from 1. With a delimiter, -1 is the last part."""
    by: str | None = None
    """The delimiter between the parts. None: each part has ``length`` characters."""
    length: int | None = None
    kind: Literal["split"] = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class Substring:
    """Keeps at most ``length`` characters. A row whose text ends before ``start`` is a reject."""

    start: int
    """The position of the first character to keep, from 1. -1 is the last character."""
    length: int | None = None
    """The maximum number of characters. None: all characters up to the end of the text."""
    kind: Literal["substring"] = "substring"


class Unmapped(StrEnum):
    """What to do with a value that a value map does not contain."""

    KEEP = "keep"
    EMPTY = "empty"
    REJECT = "reject"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapValues:
    """Replaces whole values by the replacements in a value map; the replacement None is null."""

    pairs: tuple[tuple[str, str | None], ...]
    unmapped: Unmapped = Unmapped.REJECT
    default: str | None = None
    """The replacement of values that the map does not contain, for ``Unmapped.DEFAULT``."""
    kind: Literal["values"] = "values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parse:
    """Converts the text to a type, with the settings of a contract's field. A row whose text does not fit is
    a reject.
    """

    field: Field
    """The type and its settings. The name is that of the transform's field."""
    kind: Literal["parse"] = "parse"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatTime:
    """Writes a date or timestamp as text."""

    format: str
    timezone: str | None = None
    """The time zone in which a timestamp in UTC is written. None: UTC."""
    kind: Literal["format"] = "format"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatNumber:
    """Writes an integer or decimal as text. The value is never rounded: a value with more decimal places is a
    reject.
    """

    scale: int | None = None
    """The number of decimal places. None: as many as the value's type has."""
    decimal_point: str = "."
    thousands: str | None = None
    kind: Literal["format_number"] = "format_number"


Step = (
    Trim
    | ChangeCase
    | AddPrefix
    | AddSuffix
    | Replace
    | Split
    | Substring
    | MapValues
    | Parse
    | FormatTime
    | FormatNumber
)
