"""The hint of a file with too many rejects names the setting that makes rows of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.model.contract import Contract, Dialect, Field, Policies, Policy
from bucketlift.model.types import TypeName
from bucketlift.model.workflow import NO_REJECTS
from bucketlift.tabular.hints import reject_hint
from bucketlift.tabular.hints.reject_hint import first_rejects

from .files import a_contract, read

AMOUNT = Contract(
    fields=(Field(name="id"), Field(name="amount", type=TypeName.DECIMAL, scale=2)),
    dialect=Dialect(delimiter=";"),
)


def with_policies(**policies):
    return a_contract(policies=Policies(**policies))


def with_dialect(**dialect):
    return a_contract(dialect=Dialect(**dialect))


def hint_of(outcome):
    assert outcome.reading.hold is not None
    return outcome.reading.hold.hint


@pytest.mark.parametrize(
    ("data", "hint", "obeying", "rows"),
    [
        (
            b"id,name\n1,a\n,\n,\n",
            "contract: {empty_rows: skip}",
            with_policies(empty_rows=Policy.SKIP),
            [("1", "a")],
        ),
        (
            b"id,name\n1,a\nid,name\n2,b\n",
            "contract: {repeated_header: skip}",
            with_policies(repeated_header=Policy.SKIP),
            [("1", "a"), ("2", "b")],
        ),
        (
            b"id,name\n\f1,a\n",
            "contract: {repeated_header: skip}",
            with_policies(repeated_header=Policy.SKIP),
            [("1", "a")],
        ),
        (
            b"id,name\n1,a\n\x1a",
            "dialect: {trailing_controls: strip}",
            with_dialect(trailing_controls=True),
            [("1", "a")],
        ),
        (
            b'id,name\n1, "a, b"\n2, "c"\n',
            "dialect: {blank_around_quotes: accept}",
            with_dialect(blank_around_quotes=True),
            [("1", "a, b"), ("2", "c")],
        ),
        (
            b"id,name\n1,a,\n2,b,\n",
            "dialect: {trailing_delimiter: accept}",
            with_dialect(trailing_delimiter=True),
            [("1", "a"), ("2", "b")],
        ),
    ],
)
def test_the_hint_reads_the_rejects_when_it_is_obeyed(tmp_path, data, hint, obeying, rows):
    held = read(tmp_path, data, max_rejected=NO_REJECTS)

    assert f"Set `{hint}" in hint_of(held)
    assert [row[:-1] for row in read(tmp_path, data, obeying).rows or ()] == rows


def test_the_hint_names_the_setting_of_a_field_whose_values_do_not_fit(tmp_path):
    data = b"id;amount\n1;1,50\n2;2,25\n3;7\n"

    held = read(tmp_path, data, AMOUNT, max_rejected=NO_REJECTS)
    amount = replace(AMOUNT.fields[1], decimal_point=",")
    obeyed = read(tmp_path, data, replace(AMOUNT, fields=(AMOUNT.fields[0], amount)))

    assert 'decimal_point: ","' in hint_of(held)
    assert [str(row[1]) for row in obeyed.rows or ()] == ["1.50", "2.25", "7.00"]


@pytest.mark.parametrize("causes", [b"1,a,b\n,\nid,name\n", b",\n1,a,b\nid,name\n"])
def test_rejects_of_several_causes_have_the_general_hint(tmp_path, causes):
    held = read(tmp_path, b"id,name\n" + causes, max_rejected=NO_REJECTS)

    assert hint_of(held) == (
        "Look at the rejects, correct the file and upload it again, or raise max_rejected."
    )


def test_only_so_many_bytes_of_rejects_are_held_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(reject_hint, "CHECKED_BYTES", 10)
    read(tmp_path, b"id,name\n" + b"1,2,3\n" * 5)

    found = first_rejects(tmp_path / "rejects.arrow")

    assert [each.raw for each in found] == [b"1,2,3\n"] * 2


def test_rejects_for_their_keys_name_no_setting_of_a_field(tmp_path):
    contract = Contract(fields=(Field(name="id", type=TypeName.INTEGER), Field(name="name")))

    held = read(
        tmp_path, b"id,name\n1,a\n01,b\n2,c\nx,d\n", contract, keys=[("id",)], max_rejected=NO_REJECTS
    )

    assert "thousands" not in hint_of(held)


def test_a_reject_too_long_to_try_settings_on_is_not_judged(tmp_path):
    outcome = read(tmp_path, b"id,name\n" + b'"' * (reject_hint.LONGEST + 2) + b"\n1\n")

    assert [each.raw for each in first_rejects(tmp_path / "rejects.arrow")] == [b"1\n"]
    assert outcome.reading.rejected == 2
