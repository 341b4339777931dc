"""A file with typed fields read whole: values staged, misfits among the rejects."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.model.contract import Contract, Field, Policies, Policy
from bucketlift.model.hold import HeldReason
from bucketlift.model.rows import Reading, RejectReason
from bucketlift.model.types import TypeName
from bucketlift.model.workflow import NO_REJECTS, RejectLimit
from bucketlift.tabular.arrow import staging
from bucketlift.tabular.arrow.staging import open_rows
from bucketlift.tabular.read import staged_writer
from budgets import examples

from .files import Outcome, a_reject, read
from .test_typed_values import a_field

R = RejectReason
ID = Field(name="id", type=TypeName.INTEGER)
BORN = Field(name="born", type=TypeName.DATE)
PEOPLE = Contract(fields=(ID, Field(name="name"), BORN))


def test_values_are_staged_in_their_types(tmp_path):
    contract = Contract(
        fields=(
            ID,
            Field(name="pay", type=TypeName.DECIMAL, precision=8, scale=2),
            Field(name="born", type=TypeName.DATE, format="%m/%d/%Y"),
            Field(name="seen", type=TypeName.TIMESTAMP, timezone="America/Denver"),
            Field(name="made", type=TypeName.TIMESTAMP),
            Field(name="active", type=TypeName.BOOLEAN, true_words=("yes",), false_words=("no",)),
            Field(name="note", null_words=("\\N",)),
            Field(name="name"),
        )
    )
    header = b"id,pay,born,seen,made,active,note,name\n"
    first = b"01,1.5,1/5/2026,2026-01-05 10:00,2026-01-05T10:00,YES,,Ann\n"

    outcome = read(tmp_path, header + first + b",,,,,,\\N,\n", contract)

    assert outcome == Outcome(
        reading=Reading(rows=2),
        rows=[
            (
                1,
                Decimal("1.50"),
                date(2026, 1, 5),
                datetime(2026, 1, 5, 17, tzinfo=UTC),
                datetime(2026, 1, 5, 10),  # noqa: DTZ001 - a local time
                True,
                "",
                "Ann",
                2,
            ),
            (None, None, None, None, None, None, None, "", 3),
        ],
        rejects=[],
    )
    with open_rows(tmp_path / "rows.arrow") as stream:
        columns = [(column.name, column.type, column.nullable) for column in stream.schema]
    assert columns == [
        ("id", pa.int64(), True),
        ("pay", pa.decimal128(8, 2), True),
        ("born", pa.date32(), True),
        ("seen", pa.timestamp("us", tz="UTC"), True),
        ("made", pa.timestamp("us"), True),
        ("active", pa.bool_(), True),
        ("note", pa.string(), True),
        ("name", pa.string(), False),
        ("_source_line", pa.int64(), False),
    ]


def test_misfits_are_rejects_with_their_bytes_and_field_in_the_files_order(tmp_path):
    data = (
        b"id,name,born\n"  # 13 bytes
        b"1,a,2026-01-05\n"
        b'x,"b\nb",2026-01-06\n'
        b"3,c\n"
        b"4,d,2026-02-30\r\n"
        b"5,e,\n"
        b"y,f,z\n"
        b'6,"g" ,\n'
        b"7,h,2026-01-07"
    )

    outcome = read(tmp_path, data, PEOPLE)

    assert outcome == Outcome(
        reading=Reading(rows=3, rejected=5, notes=("Line ends are mixed: LF and CRLF",)),
        rows=[(1, "a", date(2026, 1, 5), 2), (5, "e", None, 7), (7, "h", date(2026, 1, 7), 10)],
        rejects=[
            a_reject(3, 28, b'x,"b\nb",2026-01-06\n', R.NOT_AN_INTEGER, "id"),
            a_reject(5, 47, b"3,c\n", R.WIDTH),
            a_reject(6, 51, b"4,d,2026-02-30\r\n", R.NOT_A_DATE, "born"),
            a_reject(8, 72, b"y,f,z\n", R.NOT_AN_INTEGER, "id"),
            a_reject(9, 78, b'6,"g" ,\n', R.BARE_QUOTE),
        ],
    )


def test_blanks_around_a_value_are_not_taken_away(tmp_path):
    outcome = read(tmp_path, b"id,name,born\n 1,a,\n2, b ,\n3,c,2026-01-05 \n", PEOPLE)

    assert outcome.rows == [(2, " b ", None, 3)]
    assert [(each.reason, each.field) for each in outcome.rejects] == [
        (R.NOT_AN_INTEGER, "id"),
        (R.NOT_A_DATE, "born"),
    ]


def test_misfits_count_against_the_limit(tmp_path):
    data = b"id,name,born\n1,a,\nx,b,\n3,c,\n4,d,\n"

    held = read(tmp_path, data, PEOPLE, max_rejected=NO_REJECTS).reading

    assert held.hold is not None
    assert (held.rows, held.rejected, held.hold.reason) == (3, 1, HeldReason.TOO_MANY_REJECTS)
    assert held.hold.what == "1 of 4 records are rejects; max_rejected allows 0 rows"
    assert read(tmp_path, data, PEOPLE, max_rejected=RejectLimit(percent=25)).reading.hold is None


def test_a_file_of_misfits_alone_has_no_rows(tmp_path):
    outcome = read(tmp_path, b"id,name,born\nx,a,\ny,b,\n", PEOPLE)

    assert (outcome.reading, outcome.rows) == (Reading(rejected=2), [])


def test_a_field_is_found_by_its_name_wherever_its_column_is(tmp_path):
    contract = Contract(fields=PEOPLE.fields, policies=Policies(extra=Policy.IGNORE))

    outcome = read(tmp_path, b"more,Born,NAME,id\nx,2026-01-05,a,1\nx,1,a,2\n", contract)

    assert outcome.rows == [(1, "a", date(2026, 1, 5), 2)]
    assert [(each.reason, each.field) for each in outcome.rejects] == [(R.NOT_A_DATE, "born")]


def test_keys_are_the_same_where_their_values_are(tmp_path):
    outcome = read(
        tmp_path, b"id,name,born\n1,a,\n2,b,\n01,c,\n+1,d,\n-0,e,\n0,f,\n3,g,\n", PEOPLE, keys=[("id",)]
    )

    assert outcome.rows == [(2, "b", None, 3), (3, "g", None, 8)]
    assert [(each.line, each.reason, each.field) for each in outcome.rejects] == [
        (line, R.KEY_TWICE, "id") for line in (2, 4, 5, 6, 7)
    ]


@pytest.mark.parametrize(
    ("field", "same", "other"),
    [
        (a_field("decimal", precision=5, scale=2), ("1.5", "01.50"), "1.51"),
        (a_field("date", format="%m/%d/%Y"), ("1/5/2026", "01/05/2026"), "1/6/2026"),
        (a_field("timestamp"), ("2026-01-05 10:00", "2026-01-05T10:00:00.0"), "2026-01-05T10:00:00.000001"),
        (
            a_field("timestamp", timezone="America/Denver"),
            ("2026-11-01T01:30-06:00", "2026-11-01T07:30Z"),
            "2026-11-01T01:30-07:00",
        ),
        (a_field("boolean", true_words=("yes", "Y")), ("yes", "y"), "false"),
    ],
)
def test_two_spellings_of_one_value_are_one_key(tmp_path, field, same, other):
    contract = Contract(fields=(Field(name="n"), field))
    data = "n,x\n" + "".join(f"k,{text}\n" for text in (*same, other))

    outcome = read(tmp_path, data.encode(), contract, keys=[("n", "x")])

    assert [(each.line, each.reason, each.field) for each in outcome.rejects] == [
        (2, R.KEY_TWICE, "n, x"),
        (3, R.KEY_TWICE, "n, x"),
    ]
    assert outcome.reading == Reading(rows=1, rejected=2)


def test_a_null_key_is_empty(tmp_path):
    contract = Contract(fields=(ID, Field(name="name", null_words=("-",))))

    outcome = read(tmp_path, b"id,name\n,a\n,b\n3,-\n4,\n5,e\n", contract, keys=[("id",), ("name",)])

    assert outcome.rows == [(5, "e", 6)]
    assert [(each.line, each.reason, each.field) for each in outcome.rejects] == [
        (2, R.KEY_EMPTY, "id"),
        (3, R.KEY_EMPTY, "id"),
        (4, R.KEY_EMPTY, "name"),
        (5, R.KEY_EMPTY, "name"),
    ]


def test_a_misfit_with_a_key_leaves_the_key_to_the_other_row(tmp_path):
    outcome = read(tmp_path, b"id,name,born\n1,a,x\n1,b,\n2,c,\n2,d,\n", PEOPLE, keys=[("id",)])

    assert outcome.rows == [(1, "b", None, 3)]
    assert [(each.line, each.raw, each.reason) for each in outcome.rejects] == [
        (2, b"1,a,x\n", R.NOT_A_DATE),
        (4, b"2,c,\n", R.KEY_TWICE),
        (5, b"2,d,\n", R.KEY_TWICE),
    ]


@pytest.mark.parametrize("keys", [(), (("id",),)])
def test_order_and_sum_hold_across_batches(tmp_path, monkeypatch, keys):
    for module in (staging, staged_writer):
        monkeypatch.setattr(module, "BATCH_ROWS", 3)
        monkeypatch.setattr(module, "BATCH_BYTES", 60)
    lines = [f"{number},n,\n" for number in range(40)]
    lines[::3] = [f"x{number},n,\n" for number in range(len(lines[::3]))]
    lines[::7] = ["short\n" for _ in lines[::7]]
    data = "id,name,born\n" + "".join(lines)

    outcome = read(tmp_path, data.encode(), PEOPLE, keys=keys)

    wrong = {line for line in range(40) if line % 3 == 0 or line % 7 == 0}
    assert outcome.rows == [(each, "n", None, each + 2) for each in range(40) if each not in wrong]
    assert [(each.line, each.raw.decode()) for each in outcome.rejects] == [
        (each + 2, lines[each]) for each in sorted(wrong)
    ]
    assert [each.offset for each in outcome.rejects] == sorted(each.offset for each in outcome.rejects)
    assert outcome.reading == Reading(rows=40 - len(wrong), rejected=len(wrong))


cells = st.sampled_from(["1", "01", "", "x", "2026-01-05", "2026-02-30", '"1"', '"x\ny"', "é"])
lines = st.lists(cells, min_size=1, max_size=4).map(",".join) | st.sampled_from(
    ["", '1,"a', 'b",', "id,name,born"]
)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(150))
@given(body=st.lists(lines, max_size=30), rows=st.integers(1, 6))
def test_types_turn_rows_into_rejects_and_change_nothing_else(body, rows):
    data = ("id,name,born\n" + "".join(f"{line}\n" for line in body)).encode()
    texts = Contract(fields=tuple(Field(name=field.name) for field in PEOPLE.fields))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for module in (staging, staged_writer):
            patch.setattr(module, "BATCH_ROWS", rows)
        typed, plain = read(Path(folder), data, PEOPLE), read(Path(folder), data, texts)

    assert typed.rows is not None
    assert plain.rows is not None
    misfits = [each for each in typed.rejects if each.field is not None]
    assert sorted([*_lines(typed.rows), *(each.line for each in misfits)]) == _lines(plain.rows)
    assert [each for each in typed.rejects if each.field is None] == plain.rejects
    assert all(data[each.offset :].startswith(each.raw) and each.raw.endswith(b"\n") for each in misfits)
    assert [each.line for each in typed.rejects] == sorted(each.line for each in typed.rejects)
    assert (typed.reading.rows, typed.reading.rejected) == (len(typed.rows), len(typed.rejects))


def _lines(rows: list[tuple[Any, ...]]) -> list[int]:
    return [row[-1] for row in rows]
