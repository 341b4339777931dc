"""All polluted files: every pollution, at its places, of every base."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from zlib import crc32

from pollution.bases import BASES
from pollution.case import Case, Pollution
from pollution.delimiters import DELIMITERS
from pollution.escapes import ESCAPED
from pollution.files import FILES
from pollution.headers import HEADERS
from pollution.line_ends import LINE_ENDS
from pollution.quotes import QUOTES
from pollution.records import RECORDS

POLLUTIONS: dict[str, Pollution] = FILES | HEADERS | DELIMITERS | QUOTES | RECORDS | LINE_ENDS | ESCAPED

BESIDE = frozenset({"line break in an outer cell", "last closing quote missing"})
"""Kinds that can leave a line which is a row to the letter, beside one that is not.

Where rejects are allowed no reader can know that the row is not the sender's; where none is, the file is held.
"""


def cases(kind: str) -> Iterator[Case]:
    """The files of one kind of pollution."""
    for base in BASES:
        for where, pieces, refused in POLLUTIONS[kind](base):
            yield Case(kind=kind, where=where, base=base, pieces=tuple(pieces), refused=refused)


def all_cases(every: int = 1) -> Iterator[Case]:
    """All files, or about one in so many: the same ones each time, and of each kind at least one."""
    for kind in POLLUTIONS:
        for number, case in enumerate(cases(kind)):
            if number == 0 or crc32(case.name.encode()) % every == 0:
                yield case


@cache
def some_cases(every: int) -> tuple[Case, ...]:
    """For tests, which share them: to make all files takes longer than to read a few."""
    return tuple(all_cases(every))
