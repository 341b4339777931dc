"""Recognises the format of a sample: the delimiter, the quote, and the encodings UTF-8 and UTF-16."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Dialect
from bucketlift.tabular.bytes.charsets import charset
from bucketlift.tabular.decode.encoding import hold_unless_utf8, wide_charset, wide_encoding
from bucketlift.tabular.decode.magic_bytes import HEAD_BYTES
from bucketlift.tabular.header.separators import NAMES
from bucketlift.tabular.sample import read_sample, sample_rejects, sample_rows

Settings = Mapping[str, Any]
"""Settings of the dialect, with the keys of a workflow file."""
RECOGNISED = ("delimiter", "quote", "quoted_lines", "preset", "header_line")
"""The settings that are recognised, besides the encoding. ``header_line`` is recognised only below a line
``sep=;``, as Excel reads it.
"""
ROUNDS = 3
"""Maximum number of settings that follow from each other, for example first the delimiter, then the quote."""
ROWS = 100
_Rank = tuple[bool, bool, bool, int, int]


def recognise(path: Path, settings: Settings, dialect_of: Callable[[Settings], Dialect]) -> dict[str, Any]:
    """The settings with which the sample can be read. Given settings are kept if at least one record can be read
    with them and there is no doubt about them.
    """
    chosen = dict(settings) | _encoding(path, settings)
    chosen = {key: value for key, value in chosen.items() if value is not None}
    best, rank = chosen, _rank(path, chosen, dialect_of)
    given: Settings = {}
    if _fits(path, chosen, dialect_of, rank):
        *_, unread, _ = rank
        if not unread:
            return best
        if sample_rows(path, dialect_of(chosen), 1):
            given = {key: value for key, value in chosen.items() if key in RECOGNISED}
    for each in _candidates(path, chosen, given, dialect_of):
        other = _rank(path, each, dialect_of)
        if other > rank and given == {key: each.get(key) for key in given}:
            best, rank = each, other
        if rank[:-1] == (True, True, True, 0):
            break
    return best


def _encoding(path: Path, settings: Settings) -> dict[str, str | None]:
    """The encoding to set; None removes the key, so that the file is read as UTF-8."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if wide := wide_encoding(head):
        return {"encoding": wide_charset(wide, head)}
    known = str(settings.get("encoding", "utf-8"))
    try:
        is_wide = charset(known).unit > 1
    except RequestWrong:
        is_wide = True
    if hold_unless_utf8(path) is not None:
        return {"encoding": None} if is_wide else {}
    # ASCII text is the same in most encodings, so a chosen one stays.
    return {} if path.read_bytes().isascii() and not is_wide else {"encoding": None}


def _candidates(
    path: Path, chosen: Settings, given: Settings, dialect_of: Callable[[Settings], Dialect]
) -> Iterator[dict[str, Any]]:
    plain = {key: value for key, value in chosen.items() if key in given or key not in RECOGNISED}
    yield _extended(path, plain, dialect_of)
    for mark in () if "delimiter" in given else _marks(path, plain, dialect_of):
        yield _extended(path, {**plain, "delimiter": mark}, dialect_of)


def _extended(path: Path, settings: Settings, dialect_of: Callable[[Settings], Dialect]) -> dict[str, Any]:
    """The settings, with those that remove the doubts about the sample one after another."""
    found = dict(settings)
    for _ in range(ROUNDS):
        try:
            doubt = read_sample(path, dialect_of(found)).doubt
        except RequestWrong:
            break
        more = dict(doubt.settings[0]) if doubt is not None and doubt.settings else {}
        is_sure = "header_line" not in more or "delimiter" in more
        if not more or not is_sure or not set(more) <= set(RECOGNISED) or found | more == found:
            break
        found |= more
    return found


def _marks(path: Path, settings: Settings, dialect_of: Callable[[Settings], Dialect]) -> Iterator[str]:
    """Yield the delimiters that at least half of the lines contain, with a name for each column."""
    try:
        dialect = dialect_of(settings)
    except RequestWrong:
        return
    with path.open("rb") as file:
        text = file.read(1 << 16).decode(charset(dialect.encoding).name, "replace")
    lines = [line for line in text.splitlines()[:ROWS] if line.strip()]
    for mark in NAMES:
        if mark != dialect.delimiter and 2 * sum(mark in line for line in lines) >= len(lines) > 0:
            yield mark


def _fits(path: Path, settings: Settings, dialect_of: Callable[[Settings], Dialect], rank: _Rank) -> bool:
    """Whether the sample can be read with these settings, apart from some records, and does not seem to have
    another delimiter.
    """
    is_read, is_sure, several, *_ = rank
    if not is_read or not is_sure:
        return False
    return several or dialect_of(settings).header_given or not any(_marks(path, settings, dialect_of))


def _rank(path: Path, settings: Settings, dialect_of: Callable[[Settings], Dialect]) -> _Rank:
    """How well the sample can be read: whether it can be read at all, whether there is no doubt, whether it
    has several columns, minus the number of records that cannot be read, and the number of columns. A header
    on a later line counts as a header with several columns.
    """
    try:
        dialect = dialect_of(settings)
        sample = read_sample(path, dialect)
        unread = len(sample_rejects(path, dialect)) if sample.names else 0
    except RequestWrong:
        return False, False, False, 0, 0
    width, doubt = len(sample.names), sample.doubt
    is_below = doubt is not None and set(next(iter(doubt.settings), {})) == {"header_line"}
    return True, doubt is None or is_below, width > 1 or is_below, -unread, width
