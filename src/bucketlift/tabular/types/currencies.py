"""Currencies as they are written next to amounts of money."""

from __future__ import annotations

import re
import unicodedata

_CODES = frozenset(
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HUF INR JPY MXN NOK NZD PLN SEK SGD USD ZAR".split()  # noqa: SIM905 - one line
)
_UNITS = ("kr.", "kr", "zł", "Kč", "Ft", "Rs.", "Rs", "R$", "US$", "Fr.", "lei", "kn", "RM", "Rp", "S/")
"""Names of currencies that are neither symbols nor codes."""
_UNIT = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, _UNITS))})(?![^\W\d_])")


def currencies_in(text: str) -> list[str]:
    """The currencies in a text, written as a name, a sign or a common code of ISO 4217."""
    rest = _UNIT.sub("", text)
    signs = [each for each in rest if unicodedata.category(each) == "Sc"]
    return [*_UNIT.findall(text), *signs, *(each for each in re.findall("[A-Z]{3}", rest) if each in _CODES)]
