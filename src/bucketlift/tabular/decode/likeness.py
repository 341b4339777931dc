"""Computes how much a decoded text looks like words. The result only decides which encoding is shown first;
no encoding is chosen by it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_FREQUENT = frozenset(
    "éèêëàâäáãåçñíîïóôöõøúùûüßæ" "ąćęłńśźżšžčřěůýőűăâîțțđ" "ğıİş" "āēīūņļķģ"
    "оеаинтсрвлкмдп" "αοιετσνρπκόίάέή" "יוהלאמרתבשנ" "اليمنوتربةع" "านรอกเงมยลวดท"
)  # fmt: skip
"""The non-ASCII letters that are most frequent in texts of many languages."""
_SIGNS = frozenset("«»“”„‘’–—…€§°№ºª¿¡。、，・「」（）：；")  # noqa: RUF001
"""Punctuation and signs that occur next to words."""
_RARE, _FREQUENT_SCORE, _SIGN, _WRONG = 0.4, 1.0, 0.2, -2.0
_COMMON_HAN = ("gb2312", range(0xB0, 0xD8)), ("big5", range(0xA4, 0xC7)), ("shift_jis", range(0x88, 0x98))
"""Standards that list frequent characters first, each with the first bytes of these characters."""


def likeness(words: Iterable[str]) -> float:
    """The mean score of the words. A higher score is more likely."""
    scores = [_word(word) for word in words]
    return sum(scores) / len(scores) if scores else 0.0


def _word(word: str) -> float:
    strange = [character for character in word if character > "\x7f"]
    if not strange:
        return _RARE
    letters = [character for character in word if character.isalpha()]
    score = sum(map(_character, strange)) / len(strange)
    return (
        score - _mixed_scripts(letters) - _odd_case(letters) - _too_many_accents(letters) - _inner_signs(word)
    )


@lru_cache(maxsize=4096)
def _character(character: str) -> float:
    script = _script(character)
    if script == "CJK":
        return _FREQUENT_SCORE if _is_frequent_han(character) else -_RARE
    if script == "HANGUL":
        return _FREQUENT_SCORE if _in(character, "euc_kr") else _WRONG
    if script in ("HIRAGANA", "KATAKANA"):
        return _FREQUENT_SCORE
    if script == "HALFWIDTH":
        return -_RARE
    if character in _SIGNS:
        return _SIGN
    if unicodedata.category(character)[0] in "LM":
        return _FREQUENT_SCORE if character.lower() in _FREQUENT else _RARE
    return _WRONG


def _is_frequent_han(character: str) -> bool:
    return any(
        _in(character, charset) and character.encode(charset)[0] in first for charset, first in _COMMON_HAN
    )


def _in(character: str, charset: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _mixed_scripts(letters: list[str]) -> float:
    scripts = {_script(letter) for letter in letters}
    together = scripts <= {"CJK", "HIRAGANA", "KATAKANA", "LATIN"} and scripts != {"CJK", "LATIN"}
    return 0.0 if len(scripts) < 2 or together else 1.5


def _odd_case(letters: list[str]) -> float:
    """The penalty for an unusual case of letters. Words are normally written Like This, like this or LIKE
    THIS.
    """
    word = "".join(letters)
    return 0.0 if word in (word.lower(), word.upper(), word.capitalize()) or word.istitle() else 1.0


def _too_many_accents(letters: list[str]) -> float:
    """The penalty for too many letters with accents. In Latin script, most letters of a word are ASCII."""
    latin = [letter for letter in letters if _script(letter) == "LATIN"]
    accented = sum(letter > "\x7f" for letter in latin)
    return 1.5 if len(latin) > 2 and 2 * accented > len(latin) else 0.0


def _inner_signs(word: str) -> float:
    signs = [
        not character.isalnum() and character > "\x7f" and not unicodedata.combining(character)
        for character in word
    ]
    inner = signs[1:-1]
    return (
        min(2.0, 1.0 * sum(inner))
        if any(character.isascii() and character.isalpha() for character in word)
        else 0.0
    )


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]
