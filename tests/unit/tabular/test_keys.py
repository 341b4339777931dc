"""Rows that an upsert could not place become rejects, every one of them."""

from __future__ import annotations

import pytest

from bucketlift.model.rows import Reading, Reject, RejectReason
from bucketlift.model.workflow import NO_REJECTS
from bucketlift.tabular.arrow import placing, staging
from bucketlift.tabular.arrow.staging import RejectsWriter

from .files import Outcome, a_contract, a_reject, read

TWICE, EMPTY = RejectReason.KEY_TWICE, RejectReason.KEY_EMPTY


def test_all_rows_of_a_key_that_is_there_twice_are_rejects_in_the_files_order(tmp_path):
    outcome = read(tmp_path, b'id,name\n1,a\nbad\n2,"b\nb"\n1,c\n3,d\n2,e', keys=[("id",)])

    assert outcome == Outcome(
        reading=Reading(rows=1, rejected=5),
        rows=[("3", "d", 7)],
        rejects=[
            a_reject(2, 8, b"1,a\n", TWICE, "id"),
            a_reject(3, 12, b"bad\n", RejectReason.WIDTH),
            a_reject(4, 16, b'2,"b\nb"\n', TWICE, "id"),
            a_reject(6, 24, b"1,c\n", TWICE, "id"),
            a_reject(8, 32, b"2,e", TWICE, "id"),
        ],
    )


def test_a_row_with_an_empty_key_field_is_a_reject(tmp_path):
    outcome = read(tmp_path, b'id,name\n,a\n2,""\n3,c\n', keys=[("id", "name")])

    assert outcome == Outcome(
        reading=Reading(rows=1, rejected=2),
        rows=[("3", "c", 4)],
        rejects=[a_reject(2, 8, b",a\n", EMPTY, "id"), a_reject(3, 11, b'2,""\n', EMPTY, "name")],
    )


def test_a_key_of_two_fields_is_told_apart_wherever_the_border_lies(tmp_path):
    outcome = read(tmp_path, b'id,name\n1,1:1\n"1:1",1\na,bc\nab,c\n1,x\n1,x\n', keys=[("id", "name")])

    assert outcome.rows == [("1", "1:1", 2), ("1:1", "1", 3), ("a", "bc", 4), ("ab", "c", 5)]
    assert [(each.line, each.reason, each.field) for each in outcome.rejects] == [
        (6, TWICE, "id, name"),
        (7, TWICE, "id, name"),
    ]


def test_every_key_of_several_loads_is_looked_at(tmp_path):
    outcome = read(tmp_path, b"id,name\n1,a\n2,a\n3,\n4,d\n", keys=[("id",), ("name",)])

    assert outcome.rows == [("4", "d", 5)]
    assert [(each.line, each.reason, each.field) for each in outcome.rejects] == [
        (2, TWICE, "name"),
        (3, TWICE, "name"),
        (4, EMPTY, "name"),
    ]


def test_keys_are_compared_to_the_letter(tmp_path):
    outcome = read(tmp_path, b"id,name\na,1\nA,2\na ,3\n", keys=[("id",)])

    assert outcome.reading == Reading(rows=3)


def test_a_file_whose_keys_are_well_is_left_as_it_is(tmp_path):
    with_keys = read(tmp_path, b"id,name\n1,a\n2,b\n", keys=[("id",)])

    assert with_keys == read(tmp_path, b"id,name\n1,a\n2,b\n")


def test_a_file_of_no_rows_has_no_key_faults(tmp_path):
    assert read(tmp_path, b"id,name\nbad\n", keys=[("id",)]).reading == Reading(rejected=1)


def test_key_faults_count_against_the_limit(tmp_path):
    reading = read(tmp_path, b"id,name\n1,a\n1,b\n3,c\n", keys=[("id",)], max_rejected=NO_REJECTS).reading

    assert (reading.rows, reading.rejected) == (1, 2)
    assert reading.hold is not None
    assert reading.hold.what == "2 of 3 records are rejects; max_rejected allows 0 rows"


def test_a_key_is_found_twice_across_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "BATCH_ROWS", 4)
    data = b"id,name,x\n" + b"".join(b"%d,n,\n" % (number % 15) for number in range(20))

    outcome = read(tmp_path, data, a_contract("id", "name", "x"), keys=[("id", "name")])

    assert outcome.rows == [(str(number), "n", "", number + 2) for number in range(5, 15)]
    assert [each.line for each in outcome.rejects] == [*range(2, 7), *range(17, 22)]


@pytest.mark.slow
def test_many_rows_with_keys_are_read(tmp_path):
    data = b"id,name\n" + b"".join(b"%d,%d\n" % (number, number // 2) for number in range(100_000))

    assert read(tmp_path, data, keys=[("id",), ("id", "name")]).reading == Reading(rows=100_000)


def test_rows_with_invalid_keys_become_rejects_without_an_object_for_each(tmp_path, monkeypatch):
    monkeypatch.setattr(RejectsWriter, "add", None)
    lines = [(b"7,a\n", b",b\n", b"1\n", b"%d,c\n")[number % 4] for number in range(4000)]
    lines = [line % number if b"%" in line else line for number, line in enumerate(lines)]

    outcome = read(tmp_path, b"id,name\n" + b"".join(lines), keys=[("id",)], block_bytes=1 << 20)

    assert outcome.rejects == _expected(lines)


def test_rejects_of_keys_are_merged_into_others_across_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "BATCH_ROWS", 3)
    monkeypatch.setattr(placing, "AT_ONCE", 10)
    kinds = (b"7,a\n", b"1\n")
    lines = [kinds[number % 29 < 13] if number % 7 else b",b\n" for number in range(120)]

    outcome = read(tmp_path, b"id,name\n" + b"".join(lines), keys=[("id",)])

    assert outcome.rejects == _expected(lines)


def test_control_characters_at_the_end_stay_the_last_reject(tmp_path):
    outcome = read(tmp_path, b"id,name\n1,a\n1,b\n\x1a", keys=[("id",)])

    assert [(each.line, each.raw, each.reason) for each in outcome.rejects] == [
        (2, b"1,a\n", TWICE),
        (3, b"1,b\n", TWICE),
        (4, b"\x1a", RejectReason.TRAILING_CONTROLS),
    ]


def _expected(lines: list[bytes]) -> list[Reject]:
    """The rejects of lines with the key 7 (repeated), no key, a missing cell, or another key."""
    reasons = {b"7": (TWICE, "id"), b"": (EMPTY, "id"), b"1\n": (RejectReason.WIDTH, None)}
    rejects, offset = [], len(b"id,name\n")
    for number, line in enumerate(lines):
        if (found := reasons.get(line.split(b",")[0])) is not None:
            rejects.append(a_reject(number + 2, offset, line, *found))
        offset += len(line)
    return rejects
