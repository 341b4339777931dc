"""Each step of a transform on a column: the values, and the rows that it rejects."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from bucketlift.model.contract import Field
from bucketlift.model.rows import SOURCE_LINE
from bucketlift.model.transforms.steps import (
    AddPrefix,
    AddSuffix,
    Case,
    ChangeCase,
    FormatNumber,
    FormatTime,
    MapValues,
    Parse,
    Replace,
    Split,
    Substring,
    Trim,
    Unmapped,
)
from bucketlift.model.transforms.transform import (
    Constant,
    Difference,
    EmptyParts,
    FromField,
    Join,
    OutputField,
    TransformTask,
    Unit,
)
from bucketlift.model.types import TypeName
from bucketlift.tabular.transform.transformer import Transformer

DAY = date(2026, 1, 5)
NOON = datetime(2026, 7, 5, 12, 30, 15)  # noqa: DTZ001 - a local time
LATE = datetime(2026, 7, 5, 12, 30, 15, 120, tzinfo=UTC)
SITES = (("DEN", "Denver"), ("n/a", None))


def changed(step, values, kind=None):
    """The values after the step; of a row that it rejects, the reason in brackets."""
    column = pa.array(values, kind)
    field = OutputField(name="out", origin=FromField(name="in"), steps=(step,))
    return _made(field, {"in": column})


def _made(field, columns):
    rows = pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
    done = Transformer.of(TransformTask(id="t", source="files", fields=(field,))).apply(rows)
    values = done.rows.column(field.name).to_pylist()
    for failed in done.failed:
        for row, reason in enumerate(failed.reasons.to_pylist()):
            if reason is not None:
                assert values[row] is None or field.required
                values[row] = [reason]
    return values


@pytest.mark.parametrize(
    ("step", "values", "found"),
    [
        (Trim(), [" a b\u00a0\r\n", "", "\t", None], ["a b", "", "", None]),
        (ChangeCase(case=Case.LOWER), ["ÄB", "AB", "ΑΣ", None], ["äb", "ab", "ας", None]),
        (ChangeCase(case=Case.LOWER), ["AB", None], ["ab", None]),
        (ChangeCase(case=Case.UPPER), ["straße", "ab", None], ["STRASSE", "AB", None]),
        (
            ChangeCase(case=Case.TITLE),
            ["mary-jane o'NEIL", "3rd floor", "rene\u0301e", "a_b", None],
            ["Mary-Jane O'Neil", "3rd Floor", "Rene\u0301e", "A_B", None],
        ),
        (AddPrefix(prefix="x-"), ["a", "", None], ["x-a", "x-", None]),
        (AddSuffix(suffix="-x"), ["a", "", None], ["a-x", "-x", None]),
        (Replace(text="."), ["a.b.", "ab", None], ["ab", "ab", None]),
        (Replace(text="St.", by="Street", whole=True), ["St.", "St. 1", None], ["Street", "St. 1", None]),
        (Replace(text="(\\w+) (\\w+)", by="\\2, \\1", regex=True), ["a b", "a", None], ["b, a", "a", None]),
        (Replace(text="[0-9]+", by="N", regex=True, whole=True), ["12", "1a", None], ["N", "1a", None]),
        (Replace(text="a|b", by="N", regex=True, whole=True), ["a", "ab"], ["N", "ab"]),
        (Split(by=", ", part=2), ["a, b, c", "a", "", None], ["b", ["no-such-part"], ["no-such-part"], None]),
        (Split(by=",", part=1), ["a,b", "a", "", None], ["a", "a", "", None]),
        (Split(by=",", part=-1), ["a,b", "a", ",", None], ["b", "a", "", None]),
        (Split(by=",", part=-2), ["a,b", "a", None], ["a", ["no-such-part"], None]),
        (Split(length=2, part=1), ["abc", "ä", "", None], ["ab", "ä", ["no-such-part"], None]),
        (Split(length=2, part=2), ["abc", "abcd", "äöü", "ab"], ["c", "cd", "ü", ["no-such-part"]]),
        (
            Substring(start=2),
            ["abc", "ab", "a", "", None],
            ["bc", "b", ["past-the-end"], ["past-the-end"], None],
        ),
        (Substring(start=2, length=2), ["abcd", "ab", "äöü"], ["bc", "b", "öü"]),
        (Substring(start=-2), ["abc", "ab", "a"], ["bc", "ab", ["past-the-end"]]),
        (Substring(start=-3, length=2), ["abcd", "abc", "ab"], ["bc", "ab", ["past-the-end"]]),
        (Substring(start=-2, length=5), ["abcd"], ["cd"]),
        (MapValues(pairs=SITES), ["DEN", "n/a", "den", None], ["Denver", None, ["unmapped-value"], None]),
        (MapValues(pairs=SITES, unmapped=Unmapped.KEEP), ["DEN", "n/a", "x", ""], ["Denver", None, "x", ""]),
        (MapValues(pairs=SITES, unmapped=Unmapped.EMPTY), ["DEN", "x", None], ["Denver", "", None]),
        (
            MapValues(pairs=SITES, unmapped=Unmapped.DEFAULT, default="?"),
            ["DEN", "n/a", "x", None],
            ["Denver", None, "?", None],
        ),
        (
            MapValues(pairs=tuple((f"v{number}", f"w{number}") for number in range(501))),
            [f"v{number}" for number in range(501)],
            [f"w{number}" for number in range(501)],
        ),
        (
            Parse(field=Field(name="out", type=TypeName.DATE, format="%m/%d/%Y")),
            ["1/5/2026", "13/1/2026", "", None],
            [DAY, ["not-a-date"], None, None],
        ),
        (
            Parse(field=Field(name="out", type=TypeName.DECIMAL, scale=2, decimal_point=",", thousands=".")),
            ["1.234,5", "1,005", None],
            [Decimal("1234.50"), ["too-precise"], None],
        ),
        (Parse(field=Field(name="out", null_words=("-",))), ["-", "a", ""], [None, "a", ""]),
    ],
)
def test_a_step_on_texts(step, values, found):
    assert changed(step, values, pa.string()) == found


@pytest.mark.parametrize(
    ("step", "values", "kind", "found"),
    [
        (
            FormatTime(format="%d.%m.%y %a %B"),
            [DAY, date(999, 1, 1), None],
            pa.date32(),
            ["05.01.26 Mon January", "01.01.99 Tue January", None],
        ),
        (FormatTime(format="%Y%%%b %A"), [date(33, 4, 3)], pa.date32(), ["0033%Apr Sunday"]),
        (FormatTime(format="%I:%M:%S %p %f"), [NOON], pa.timestamp("us"), ["12:30:15 PM 000000"]),
        (FormatTime(format="%H:%M%z"), [LATE], pa.timestamp("us", "UTC"), ["12:30+0000"]),
        (
            FormatTime(format="%H:%M%z", timezone="Asia/Kolkata"),
            [LATE, None],
            pa.timestamp("us", "UTC"),
            ["18:00+0530", None],
        ),
        (
            FormatNumber(scale=2, decimal_point=",", thousands="."),
            [1234567, -5, None],
            pa.int64(),
            ["1.234.567,00", "-5,00", None],
        ),
        (
            FormatNumber(scale=1),
            [Decimal("1.20"), Decimal("-0.25")],
            pa.decimal128(5, 2),
            ["1.2", ["too-precise"]],
        ),
        (
            FormatNumber(),
            [Decimal("0.0000001"), Decimal("-0.5")],
            pa.decimal128(38, 7),
            ["0.0000001", "-0.5000000"],
        ),
        (AddPrefix(prefix=""), [DAY, None], pa.date32(), ["2026-01-05", None]),
        (AddPrefix(prefix=""), [NOON], pa.timestamp("us"), ["2026-07-05T12:30:15"]),
        (AddPrefix(prefix=""), [LATE], pa.timestamp("us", "UTC"), ["2026-07-05T12:30:15.000120Z"]),
        (
            AddPrefix(prefix=""),
            [Decimal("0.0000001"), Decimal(12)],
            pa.decimal128(38, 7),
            ["0.0000001", "12.0000000"],
        ),
        (AddPrefix(prefix=""), [True, False, None], pa.bool_(), ["true", "false", None]),
        (AddPrefix(prefix=""), [-5], pa.int64(), ["-5"]),
    ],
)
def test_a_step_on_typed_values(step, values, kind, found):
    assert changed(step, values, kind) == found


@pytest.mark.parametrize(
    ("origin", "found"),
    [
        (Join(names=("a", "b"), separator=" "), ["x y", "x", "y", "", None]),
        (Join(names=("a", "b"), separator="|", empty=EmptyParts.KEEP), ["x|y", "x|", "|y", "|", None]),
        (Constant(text="z"), ["z", "z", "z", "z", "z"]),
    ],
)
def test_a_value_comes_from_several_fields_or_from_none(origin, found):
    columns = {"a": pa.array(["x", "x", None, "", None]), "b": pa.array(["y", "", "y", None, None])}

    assert _made(OutputField(name="out", origin=origin), columns) == found


@pytest.mark.parametrize(
    ("unit", "one", "other", "found"),
    [
        (Unit.DAYS, date(2026, 3, 1), date(2026, 2, 27), 2),
        (Unit.DAYS, date(2026, 2, 27), date(2026, 3, 1), -2),
        (Unit.MONTHS, date(2026, 2, 28), date(2026, 1, 31), 0),
        (Unit.MONTHS, date(2026, 3, 31), date(2026, 1, 31), 2),
        (Unit.MONTHS, date(2026, 1, 31), date(2026, 3, 30), -1),
        (Unit.YEARS, date(2026, 2, 28), date(2008, 2, 29), 17),
        (Unit.YEARS, date(2026, 3, 1), date(2008, 2, 29), 18),
        (Unit.YEARS, date(2025, 12, 31), date(2026, 1, 1), 0),
        (Unit.DAYS, datetime(2026, 1, 2, 11), datetime(2026, 1, 1, 12), 0),  # noqa: DTZ001 - local times
        (Unit.MONTHS, datetime(2026, 2, 1, 11), datetime(2026, 1, 1, 12), 0),  # noqa: DTZ001 - local times
        (Unit.MONTHS, datetime(2026, 2, 1, 12), datetime(2026, 1, 1, 12), 1),  # noqa: DTZ001 - local times
        (None, 2**63 - 1, -1, ["out-of-range"]),
        (None, 5, 7, -2),
        (None, Decimal("1.25"), Decimal("0.5"), Decimal("0.75")),
        (None, Decimal(10**37), Decimal(-(10**37) * 9), ["out-of-range"]),
        (None, Decimal("0.5"), 2, Decimal("-1.5")),
        (Unit.DAYS, None, date(2026, 1, 1), None),
    ],
)
def test_a_difference_counts_whole_units_and_rejects_what_has_no_room(unit, one, other, found):
    kind = pa.date32() if one is None else None
    columns = {"a": pa.array([one], kind), "b": pa.array([other])}
    if isinstance(one, Decimal) and abs(one) > 1000:
        columns = {name: column.cast(pa.decimal128(38, 0)) for name, column in columns.items()}

    made = _made(OutputField(name="out", origin=Difference(first="a", second="b", unit=unit)), columns)

    assert made == [found]


def test_a_required_field_rejects_null_and_empty_values_but_no_blank_ones():
    field = OutputField(name="a", origin=FromField(name="a"), required=True)

    assert _made(field, {"a": pa.array(["x", "", None, " "])}) == ["x", ["required"], ["required"], " "]


def test_a_field_takes_the_place_of_its_name_and_a_new_one_comes_before_the_line():
    rows = pa.RecordBatch.from_pydict({"a": ["x"], "b": ["y"], SOURCE_LINE: [2]})
    fields = (
        OutputField(name="c", origin=Constant(text="z")),
        OutputField(name="a", origin=FromField(name="b")),
        OutputField(name="b", origin=FromField(name="a")),
    )

    done = Transformer.of(TransformTask(id="t", source="files", fields=fields)).apply(rows)

    assert done.rows.to_pydict() == {"a": ["y"], "b": ["x"], "c": ["z"], SOURCE_LINE: [2]}
