"""Checks whether a cell has the same form as the values below it: a code, an identifier, a path, or digits
with signs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

FEW = 3
"""Number of values whose common form is enough evidence."""
_KINDS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?",  # IBAN
        r"(?:97[89][- ]?)?\d{1,5}[- ]\d{1,7}[- ]\d{1,6}[- ][\dX]",  # ISBN
        r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",  # postcode of the United Kingdom
        r"(?=.*\d)(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64})",  # hash
        r"arn:[\w-]*:\S+",
        r"(?:~?/|\./|\\\\|[A-Za-z]:[\\/])[^\s,;]+",  # path
        r"\S+\.(?:csv|tsv|txt|pdf|jpe?g|png|gif|xml|json|zip|gz|docx?|xlsx?|html?|log|mp[34])",  # file name
        r"(?i:(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|io|dev|de|fr|it|es|nl|pl|ch|at|se|eu|uk|us|jp|cn|in|br|au|ca))",
        r"[@#][A-Za-z]\w*",  # name of an account, or tag
    )
)
_ID = re.compile(r"(?=.*\d)[A-Za-z0-9_-]{5,}")
_CHANGE = re.compile(r"(?<=\d)[-_]*(?=[A-Za-z])|(?<=[A-Za-z])[-_]*(?=\d)")
_ALNUM = re.compile(r"[A-Za-z0-9]")
_LETTER = re.compile(r"[^\W\d_]")


def has_form_of(cell: str, values: Sequence[str]) -> bool:
    """Whether the cell and all values have the same form, and names of columns do not have this form.

    Forms are: the same digits, letters and signs with the same lengths; the same letters and signs with any
    number of digits between them; or one kind of identifier.
    """
    cell = cell.strip()
    if any(all(map(kind.fullmatch, (cell, *values))) for kind in _KINDS) or _are_ids(cell, values):
        return True
    digits = sum(letter.isdigit() for letter in cell)
    signs = sum(not letter.isalnum() for letter in cell)
    if not digits or digits == len(cell):
        return False
    is_sure = len(values) >= FEW or cell[0].isdigit() or (signs and digits >= FEW)
    return bool(is_sure) and (_are_as_long(cell, values) or _have_same_text(cell, values))


def _are_as_long(cell: str, values: Sequence[str]) -> bool:
    """Whether digits, letters and signs are at the same places. Codes that start with different letters are
    different.
    """
    forms = {_LETTER.sub("A", _digits(text)) for text in (cell, *values)}
    if len(forms) > 1 or len(cell) < 5:
        return False
    prefixes = {_prefix(value) for value in values}
    return len(values) == 1 or len(prefixes) > 1 or _prefix(cell) in prefixes or cell[0].isdigit()


def _have_same_text(cell: str, values: Sequence[str]) -> bool:
    """Whether the cell and the values differ only in their digits and in the number of these."""
    return len({re.sub("9+", "9", _digits(text)) for text in (cell, *values)}) == 1


def _are_ids(cell: str, values: Sequence[str]) -> bool:
    """Whether all are identifiers of the same length, in which letters and digits change at least twice."""
    texts = (cell, *values)
    if not all(map(_ID.fullmatch, texts)) or len({_ALNUM.sub("A", text) for text in texts}) > 1:
        return False
    changes = len(_CHANGE.findall(cell))
    return changes > 2 or (changes == 2 and (len(values) > 1 or len(cell) >= 12))


def _digits(text: str) -> str:
    return re.sub(r"\d", "9", text)


def _prefix(text: str) -> str:
    return re.split(r"\d", text, maxsplit=1)[0]
