"""Recognises UTF-7 and HZ, which write other letters as sequences of ASCII characters."""

from __future__ import annotations

import base64
import re
from itertools import islice

from bucketlift.tabular.bytes.mapped import Bytes

MOST_RUNS = 1000
"""Maximum number of `+...-` sequences that are checked."""
_RUN = re.compile(rb"\+([A-Za-z0-9+/]*)(-?)")
_WORD = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
"""Matches a sequence that may be an ordinary word or number."""
_HZ = re.compile(rb"~\{((?:[\x21-\x77][\x21-\x7e])+)~\}")
_SCRIPTS = (
    (0xA1, 0x77F),
    (0x1E00, 0x1FFF),
    (0x2010, 0x20BF),
    (0x3000, 0x30FF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
)
"""The characters that are usual in texts: Latin, Greek, Cyrillic, Hebrew and Arabic, punctuation and
currencies, kana, Chinese characters and hangul.
"""


def seven_bit_charset(data: Bytes) -> tuple[str, int] | None:
    """The name of the encoding, and the offset of its first sequence; None if the text uses neither encoding."""
    if data.find(b"~{") >= 0 and (found := _HZ.search(data)) and _is_chinese(found[0]):
        return "HZ", found.start()
    at = _utf7(data) if data.find(b"+") >= 0 else None
    return None if at is None else ("UTF-7", at)


def _is_chinese(run: bytes) -> bool:
    if run[2:-2].islower() and run[2:-2].isalpha():
        return False
    try:
        return all(0x3000 <= ord(each) <= 0x9FFF or ord(each) > 0xFF00 for each in run.decode("hz"))
    except UnicodeDecodeError:
        return False


def _utf7(data: Bytes) -> int | None:
    """The offset of the first UTF-7 sequence; None if the text is not UTF-7.

    In UTF-7, every plus sign starts a valid sequence. At least one sequence must not look like an ordinary
    word.
    """
    first, is_certain = None, False
    for found in islice(_RUN.finditer(data), MOST_RUNS):
        if not found[1] and found[2]:
            continue  # `+-` is a plus sign
        if not _is_letters(found[1]) or data[found.end() : found.end() + 1] in (b"@", b"="):
            return None
        first = found.start() if first is None else first
        is_inside = bool(found[2]) and data[max(0, found.start() - 1) : found.start()].isalpha()
        is_certain = is_certain or is_inside or not _WORD.fullmatch(found[1])
    return first if is_certain else None


def _is_letters(run: bytes) -> bool:
    """Whether the sequence is the Base64 form of complete UTF-16 characters that are usual in texts."""
    units, rest = divmod(len(run) * 6, 16)
    if not units or rest > 5:
        return False
    raw = base64.b64decode(run + b"A" * (-len(run) % 4))
    try:
        text = raw[: 2 * units].decode("utf-16-be")
    except UnicodeDecodeError:
        return False
    return not any(raw[2 * units :]) and all(map(_is_known, text))


def _is_known(character: str) -> bool:
    """Whether a sequence may contain the character. Encoders write letters and digits of ASCII as they are,
    so only ASCII signs such as `@` and `;` can be in a sequence.
    """
    code = ord(character)
    if code < 0x80:
        return character.isprintable() and not character.isalnum()
    return code > 0xFFFF or any(begin <= code <= end for begin, end in _SCRIPTS)
