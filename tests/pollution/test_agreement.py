"""Our two ways of reading agree with each other, and with Python's ``csv`` where input is valid; see ``make fuzz``."""

from __future__ import annotations

import csv

import pytest

from bucketlift.model.contract import Dialect
from pollution.agreement import Disagreement, compare, compare_valid, compare_ways
from pollution.generator import some_cases

EVERY = 40


def agreed(data: bytes, width: int = 2, dialect: Dialect | None = None) -> bool:
    return compare(data, dialect=dialect or Dialect(), width=width, reach=1 << 20, longest=1 << 20)


@pytest.mark.slow
def test_polluted_files_lose_no_byte_and_agree_with_csv():
    had_a_say = [
        agreed(case.data, case.base.table.width, Dialect(delimiter=case.base.style.delimiter))
        for case in some_cases(EVERY)
    ]

    assert had_a_say.count(True) > len(had_a_say) / 5


@pytest.mark.slow
@pytest.mark.parametrize("block_bytes", [1, 30, 1 << 20])
def test_polluted_files_are_read_the_same_by_blocks(block_bytes):
    for case in some_cases(EVERY)[::3]:
        compare_ways(case.data, block_bytes=block_bytes, width=case.base.table.width)


def test_what_csv_takes_otherwise_is_not_compared():
    for data in (b"a,b\n\0,c\n", b"a,b\rc,d\n", b'a,b"c\n', b'a,"b\n', b"a\n", b"\xff,b\n"):
        assert not agreed(data)


def test_what_csv_takes_the_same_is_compared():
    for data in (b"", b"a,b\r\n\r\nc,\n", b'"a\r,""\n",b', "\u2028,\x0b\n".encode()):
        assert agreed(data)


def test_any_bytes_make_a_legal_file():
    for body in (b"", b"\xff\xff", b'a"\xff,\n\xff\r\xff\0\xff'):
        compare_valid(body, dialect=Dialect(delimiter=";", quote="'"), width=2)


def test_another_record_is_a_disagreement(monkeypatch):
    monkeypatch.setattr(csv, "reader", lambda *_, **__: [["a", "other"]])

    with pytest.raises(Disagreement, match="csv reads other records"):
        agreed(b"a,b\n")
