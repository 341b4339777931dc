"""Determines the shape of a cell's text: a number, a date, a code of letters and digits, or plain text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

TYPICAL_SHARE = 0.6
"""The share of a column's values that must have a shape before the cell above them is compared with it."""


class Shape(StrEnum):
    """The shape of a text. Its value is the name that messages use."""

    EMPTY = "empty"
    TEXT = "text"
    YEAR = "a year"
    INTEGER = "an integer"
    DECIMAL = "a number"
    PERCENTAGE = "a percentage"
    DATE = "a date"
    TIME = "a time"
    TIMESTAMP = "a timestamp"
    EMAIL = "an e-mail address"
    UUID = "a UUID"
    URL = "a URL"
    IP = "an IP address"
    PHONE = "a phone number"


NUMBERS = frozenset({Shape.YEAR, Shape.INTEGER, Shape.DECIMAL})
MOMENTS = frozenset({Shape.DATE, Shape.TIMESTAMP})
NULL_WORDS = frozenset(
    [
        "n/a",
        "na",
        "n.a.",
        "n.a",
        "#n/a",
        "nan",
        "null",
        "(null)",
        "<null>",
        "nil",
        "none",
        "(none)",
        "-",
        "--",
        "---",
        "\u2013",
        "\u2014",
        ".",
        "?",
        "\\n",
        "unknown",
        "undefined",
        "missing",
        "pending",
        "tbd",
        "tba",
        "not available",
        "not applicable",
        "",
    ]
)
"""Words that mean "no value" in files from many sources, in lower case."""

_MONTHS = [
    "jan",
    "feb",
    "mar",
    "mär",
    "mrz",
    "apr",
    "abr",
    "avr",
    "may",
    "mai",
    "mag",
    "jun",
    "giu",
    "jui",
    "jul",
    "lug",
    "aug",
    "ago",
    "aoû",
    "sep",
    "set",
    "oct",
    "okt",
    "ott",
    "nov",
    "dec",
    "dez",
    "déc",
    "dic",
    "ene",
    "fév",
    "gen",
]
_MONTH = rf"(?:{'|'.join(_MONTHS)})[^\W\d_]{{0,7}}\.?"
_DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"|\d{{1,2}}\.?[ -]?{_MONTH}[ ,-]*(?:\d{{4}}|\d{{2}})|{_MONTH} \d{{1,2}},? \d{{4}}|\d{{4}}年\d{{1,2}}月\d{{1,2}}日)"
)
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:[\s\u00a0\u202f]?[ap]\.?m\.?)?"
_ZONE = r"(?:\s?(?:z|[-+]\d{2}:?\d{2}|utc|gmt|[a-z]{3,4}))?"
_MONEY = r"(?:[$€£¥₹]|[A-Z]{3}(?=[\s\u00a0])|(?<=[\s\u00a0])[A-Z]{3})"
_DIGITS = r"(?:\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?|\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][-+]?\d+)?"
_SPACE = r"[\s\u00a0\u202f]?"

_WHOLE = re.compile(r"[-+]?\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PATTERNS = (
    (Shape.DATE, re.compile(rf"(?:[^\W\d_]{{2,9}},? )?{_DATE}", re.IGNORECASE)),
    (
        Shape.TIMESTAMP,
        re.compile(rf"(?:[^\W\d_]{{2,9}},? )?{_DATE}(?:t|,?[\s\u00a0]+){_TIME}{_ZONE}", re.IGNORECASE),
    ),
    (
        Shape.DECIMAL,
        re.compile(
            rf"[<>≤≥~±]?{_SPACE}\(?[-+\u2212]?{_SPACE}(?:{_MONEY}{_SPACE})?[-+\u2212]?{_DIGITS}(?:{_SPACE}{_MONEY})?-?\)?"
        ),
    ),
    (Shape.PERCENTAGE, re.compile(rf"[<>≤≥~±]?{_SPACE}[-+\u2212]?{_DIGITS}{_SPACE}%")),
    (Shape.TIME, re.compile(_TIME + _ZONE, re.IGNORECASE)),
    (Shape.EMAIL, re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^\W\d_]{2,}")),
    (Shape.UUID, re.compile(r"\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?", re.IGNORECASE)),
    (Shape.URL, re.compile(r"(?:(?:https?|s?ftp|s3)://|www\.)\S+", re.IGNORECASE)),
    (
        Shape.IP,
        re.compile(
            r"(?:\d{1,3}\.){3}\d{1,3}(?::\d+|/\d+)?|(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}|(?=[0-9a-f:]*::)[0-9a-f:]{3,39}",
            re.IGNORECASE,
        ),
    ),
    (Shape.PHONE, re.compile(r"\+\d[\d ()/.-]{6,}|\(?\d{2,5}\)?[-. /]\d{3}[-. ]?\d{2,5}")),
)


def is_empty(text: str) -> bool:
    """Whether a cell has no value, because it is blank or contains a word that usually means this."""
    return text.strip().lower() in NULL_WORDS


def shape_of(text: str) -> Shape:
    text = text.strip()
    if text.lower() in NULL_WORDS:
        return Shape.EMPTY
    if len(text) > 100 or not _could_be_typed(text):
        return Shape.TEXT
    if _YEAR.fullmatch(text):
        return Shape.YEAR
    if _WHOLE.fullmatch(text) and not _PATTERNS[0][1].fullmatch(text):
        return Shape.INTEGER
    return next((shape for shape, pattern in _PATTERNS if pattern.fullmatch(text)), Shape.TEXT)


def _could_be_typed(text: str) -> bool:
    return any(letter.isdigit() for letter in text) or "@" in text or ":" in text or text.startswith("www.")


def alike(shape: Shape, other: Shape) -> bool:
    """Whether one column may have values of both shapes, such as two kinds of numbers, or dates with and
    without a time.
    """
    if shape in NUMBERS:
        return other in NUMBERS
    if shape in MOMENTS:
        return other in MOMENTS
    return shape is other


def mask_of(text: str) -> str:
    """The text with 9 in place of each digit; letters stay. ``EMP001`` becomes ``EMP999``."""
    return re.sub(r"\d", "9", text.strip())


def _loose(mask: str) -> str:
    return re.sub(r"[^\W\d_]", "A", mask)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What the values of a column have in common. Empty values are ignored."""

    values: tuple[str, ...]
    shapes: Counter[Shape]
    mask: str | None
    """The mask that all values (at least three) have in common: with their letters if these are the same,
    otherwise with A for each letter. None if there is none.
    """

    @staticmethod
    def of(cells: Sequence[str]) -> Column:
        values = tuple(cell.strip() for cell in cells if not is_empty(cell))
        shapes = Counter(map(shape_of, values))
        masked = len(values) >= 3 and set(shapes) == {Shape.TEXT}
        return Column(values=values, shapes=shapes, mask=_mask(values) if masked else None)

    @property
    def type(self) -> Shape | None:
        """The shape of all values. For numbers of several kinds, it is the most general of these kinds. None
        if the shapes differ.
        """
        if not self.shapes or Shape.TEXT in self.shapes:
            return None
        (first, *others) = self.shapes
        if not others:
            return first
        if set(self.shapes) <= NUMBERS:
            return Shape.DECIMAL
        return Shape.TIMESTAMP if set(self.shapes) <= MOMENTS else None

    def share(self, shape: Shape) -> float:
        """The share of values, from 0 to 1, that have this shape."""
        like = sum(count for other, count in self.shapes.items() if alike(shape, other))
        return like / len(self.values) if self.values else 0.0

    def has_mask(self, text: str) -> bool:
        """Whether a text has the same mask as all values of the column."""
        mask = mask_of(text)
        return self.mask is not None and self.mask in (mask, _loose(mask))


def _mask(values: tuple[str, ...]) -> str | None:
    """The common mask, if it has digits and is too long to be common by chance; otherwise None."""
    masks = set(map(mask_of, values))
    if len(masks) == 1:
        (mask,) = masks
    elif len(loose := set(map(_loose, masks))) == 1 and len(mask := loose.pop()) >= 5:
        pass
    else:
        return None
    return mask if "9" in mask and re.search(r"[^\W\d_]", mask) else None
