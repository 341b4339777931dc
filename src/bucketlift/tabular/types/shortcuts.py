"""Finds the texts that Arrow converts with the same result as the exact reader, and converts them with Arrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bucketlift.model.types import TypeName
from bucketlift.tabular.types.computing import compute

Texts = pa.StringArray

_DAYS = (
    # (day, month), to exclude 30 February: Arrow reads it as 2 March.
    ("0[1-9]|1[0-9]|2[0-8]", "0[1-9]|1[0-2]"),
    ("29|30", "0[13-9]|1[0-2]"),
    ("31", "0[13578]|1[02]"),
)
_SURE = {
    # Years near the limits of a timestamp are left to the exact reader.
    "Y": "[1-8][0-9]{3}",
    "H": "[01][0-9]|2[0-3]",
    "I": "0[1-9]|1[0-2]",
    "p": "[AaPp][Mm]",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "f": "[0-9]{1,6}",
    "z": "Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?",
}
_CASTABLE = re.compile(r"%Y-%m-%d([T ]%H:%M(:%S(\.%f)?)?(%z)?)?")
_STRPTIME = re.compile(r"(%[YmdHIpMS%]|[ -$&-~])*")
"""Matches formats that strptime handles in the same way on every system and in every locale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A pattern (RE2) and a way to convert. Arrow correctly converts all texts that match the pattern."""

    pattern: str
    type: pa.DataType
    format: str | None = None
    """The format for Arrow's strptime; None if Arrow's cast is used."""
    zone_name: str | None = None
    """The name of the time zone in all these texts; None if they contain none."""

    def read(self, texts: Texts) -> pa.Array[Any]:
        """Convert the texts; null for a text that does not match the pattern."""
        fits = compute.match_substring_regex(texts, self.pattern)
        sure = compute.if_else(fits, texts, pa.scalar(None, pa.string()))
        if self.format is None:
            return compute.cast(sure, self.type)  # type: ignore[no-any-return]  # see above
        parsed = compute.strptime(sure, format=self.format, unit="us", error_is_null=True)
        return compute.cast(parsed, self.type)  # type: ignore[no-any-return]  # see above


def integers() -> Shortcut:
    return Shortcut(pattern=r"\A-?[0-9]{1,18}\z", type=pa.int64())


def decimals(precision: int, scale: int) -> Shortcut:
    whole = f"[0-9]{{1,{precision - scale}}}" if precision > scale else "0"
    behind = rf"(?:\.[0-9]{{1,{scale}}})?" if scale else ""
    return Shortcut(pattern=rf"\A-?{whole}{behind}\z", type=pa.decimal128(precision, scale))


def shortcuts(template: str, form: str | None, kind: TypeName) -> Iterator[Shortcut]:
    """Yield the shortcuts for a layout. For an optional offset there are two: one with the offset, one
    without.
    """
    local = pa.date32() if kind is TypeName.DATE else pa.timestamp("us")
    if form is not None and not _CASTABLE.fullmatch(form):
        if _STRPTIME.fullmatch(form):
            yield Shortcut(pattern=_sure(template), type=local, format=form)
        return
    padded = template.replace("1}", "}")
    without = padded.replace("(?:{z})?", "")
    if "{z}" not in without:
        yield Shortcut(pattern=_sure(without), type=local)
    if "{z}" in padded:
        with_offset = padded.replace("(?:{z})?", "{z}")
        yield Shortcut(pattern=_sure(with_offset), type=pa.timestamp("us", tz="UTC"))


def _sure(template: str) -> str:
    alternatives = (template.format_map(_parts(day, month)) for day, month in _DAYS)
    return rf"\A(?:{'|'.join(alternatives)})\z"


def _parts(day: str, month: str) -> dict[str, str]:
    padded = _SURE | {"d": day, "m": month}
    free = {f"{letter}1": _free(padded[letter]) for letter in "mdHIMS"}
    return {letter: f"(?:{pattern})" for letter, pattern in (padded | free).items()}


def _free(padded: str) -> str:
    """The pattern, changed so that it also matches without the leading zero."""
    return re.sub(r"^0|^\[01\](?=\[0-9\])|^\[0-5\]", lambda zero: f"{zero[0]}?", padded)
