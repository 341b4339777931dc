"""Shows a file's words with non-ASCII characters in each possible encoding, so that a person can choose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bucketlift.tabular.bytes.mapped import mapped
from bucketlift.tabular.decode.encoding import wide_charset, wide_encoding
from bucketlift.tabular.decode.likeness import likeness
from bucketlift.tabular.decode.magic_bytes import HEAD_BYTES

ENCODINGS = (
    "cp1252",
    "iso8859-15",
    "iso8859-1",
    "mac_roman",
    "cp850",
    "cp437",
    "cp1250",
    "iso8859-2",
    "cp852",
    "cp1251",
    "koi8-r",
    "koi8-u",
    "cp866",
    "iso8859-5",
    "mac_cyrillic",
    "cp1253",
    "iso8859-7",
    "cp737",
    "cp1254",
    "iso8859-9",
    "cp857",
    "cp1257",
    "iso8859-13",
    "cp775",
    "cp1255",
    "iso8859-8",
    "cp1256",
    "iso8859-6",
    "cp874",
    "cp1258",
    "cp932",
    "euc_jp",
    "gb18030",
    "big5",
    "big5hkscs",
    "cp949",
)
"""The names of encodings that a task may use. Equally likely ones are shown in this order."""
MOST_WORDS = 10_000
"""Maximum number of distinct words that are checked."""
SHOWN = 8
COMPARED = 500
"""Number of words by which encodings are ranked."""
LONGEST_SHOWN = 40
LONGEST = 4096
"""Maximum bytes of a word. Longer texts without separators are ignored."""
_WORD = re.compile(rb"[0-9@-~\x80-\xff]+")
"""Matches bytes that can be part of a character in any of these encodings, so that no character is cut."""
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An encoding in which every word with non-ASCII characters can be decoded."""

    encodings: tuple[str, ...]
    """The names of the encoding: the first one, and those of other encodings that decode all words in the
    same way.
    """
    words: tuple[str, ...]
    """The decoded words, in the order of ``Examples.words``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """A file's words in each possible encoding. The likeliest encoding is first."""

    words: int
    """The number of distinct words with non-ASCII characters that were checked."""
    candidates: tuple[Candidate, ...]


def examples_of(path: Path, shown: int = SHOWN) -> Examples:
    """Decode the file's words with non-ASCII characters in every encoding that can decode all of them."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        return Examples(words=0, candidates=())
    if wide := wide_encoding(head):
        return _wide(head, wide_charset(wide, head), shown)
    words = _different_words(path)
    doubtful = tuple(word for word in words if not _is_utf8(word))
    # In a damaged UTF-8 file, only the damaged words are in doubt.
    looked_at = doubtful if 0 < 2 * len(doubtful) <= len(words) else words
    readings = {encoding: _read(looked_at, encoding) for encoding in ("utf-8", *ENCODINGS)}
    found = {encoding: read for encoding, read in readings.items() if read}
    return Examples(words=len(looked_at), candidates=tuple(_ranked(found, shown)))


def _wide(head: bytes, charset: str, shown: int) -> Examples:
    text = head[: len(head) - len(head) % 4].decode(charset, "replace").removeprefix("\ufeff")
    words = tuple(dict.fromkeys(re.findall(r"\w+", text)))
    return Examples(words=len(words), candidates=(Candidate(encodings=(charset,), words=words[:shown]),))


def _different_words(path: Path) -> tuple[bytes, ...]:
    found = dict[bytes, None]()
    for word in _words(path):
        found[word] = None
        if len(found) == MOST_WORDS:
            break
    return tuple(found)


def _words(path: Path) -> Iterator[bytes]:
    with mapped(path) as data:
        for found in _WORD.finditer(data):
            begin, end = found.span()
            if end - begin < LONGEST and not (word := found[0]).isascii():
                yield word


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read(words: Sequence[bytes], encoding: str) -> tuple[str, ...] | None:
    """The words decoded in this encoding; None if it cannot decode one of them."""
    read = []
    for word in words:
        try:
            text = word.decode(encoding)
        except UnicodeDecodeError:
            return None
        if any(unicodedata.category(character) in _NO_TEXT for character in text):
            return None
        read.append(text)
    return tuple(read)


def _ranked(readings: dict[str, tuple[str, ...]], shown: int) -> Iterator[Candidate]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for encoding, words in readings.items():
        groups.setdefault(words, []).append(encoding)
    for words in sorted(groups, key=lambda words: -likeness(words[:COMPARED])):
        yield Candidate(encodings=tuple(groups[words]), words=tuple(map(_short, words[:shown])))


def _short(word: str) -> str:
    """The part of a long word around its first non-ASCII character, with a limited length."""
    parts = [part for part in re.split(r"[|\\^~`{}\[\]]+", word) if not part.isascii()]
    text = parts[0] if parts else word
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
