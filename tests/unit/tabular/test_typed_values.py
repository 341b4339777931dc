"""What a cell of a typed field is: exactly one value, null, or the reason why it is none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Field
from bucketlift.model.rows import RejectReason
from bucketlift.model.types import TypeName
from bucketlift.tabular.types.columns import ColumnReader

R = RejectReason


def read(field: Field, *texts: str) -> list[object]:
    """What each text comes to; reasons stand where a value would."""
    column = ColumnReader.of(field).read(pa.array(texts, pa.string()))
    assert (column.values.type, len(column.values)) == (ColumnReader.of(field).type, len(texts))
    return [dict(column.faults()).get(row, value) for row, value in enumerate(column.values.to_pylist())]


def a_field(kind: str, **settings) -> Field:
    return Field(name="x", type=TypeName(kind), **settings)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type] # year, month, day and the rest


def local(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type] # noqa: DTZ001 - a local time


def test_an_integer_is_digits_with_a_sign_and_leading_zeros_at_will():
    texts = ("1", "-1", "+1", "01", "-0", "0" * 30 + "7", "9223372036854775807", "-9223372036854775808")

    assert read(a_field("integer"), *texts) == [1, -1, 1, 1, 0, 7, 2**63 - 1, -(2**63)]


@pytest.mark.parametrize(
    "text",
    [" 1", "1 ", "1.0", "1,000", "1e3", "0x1F", "1_000", "+", "-", "--1", "\u0663", "\uff11", "1\n", "\xa01"],
)
def test_anything_else_is_not_an_integer(text):
    assert read(a_field("integer"), text) == [R.NOT_AN_INTEGER]


@pytest.mark.parametrize("text", ["9223372036854775808", "-9223372036854775809", "9" * 100_000])
def test_an_integer_of_more_than_64_bits_is_out_of_range(text):
    assert read(a_field("integer"), text) == [R.OUT_OF_RANGE]


def test_a_decimal_keeps_every_digit():
    texts = ("1", "-1.5", "+1.50", "001.5", ".5", "5.", "-0", "999.99", "1.5000", "0.00")

    assert read(a_field("decimal", precision=5, scale=2), *texts) == [
        Decimal(text)
        for text in ("1.00", "-1.50", "1.50", "1.50", "0.50", "5.00", "0.00", "999.99", "1.50", "0.00")
    ]


def test_a_decimal_is_never_rounded_and_never_cut():
    texts = ("1.234", "1.239999", "0.001", "1000", "-1000.00", "9" * 100_000)

    assert read(a_field("decimal", precision=5, scale=2), *texts) == [
        R.TOO_PRECISE,
        R.TOO_PRECISE,
        R.TOO_PRECISE,
        R.OUT_OF_RANGE,
        R.OUT_OF_RANGE,
        R.OUT_OF_RANGE,
    ]


@pytest.mark.parametrize(
    "text",
    [" 1", "1 ", "1,5", "1,000.00", "1e1", "NaN", "Infinity", ".", "-", "-.", "$1", "1.5.", "\u0661.5"],
)
def test_anything_else_is_not_a_decimal(text):
    assert read(a_field("decimal", precision=5, scale=2), text) == [R.NOT_A_DECIMAL]


@pytest.mark.parametrize("text", ["+{}", "0{}", "{}.", "{}.0", "-00{}.000"])
def test_a_decimal_of_38_digits_may_be_written_with_more(text):
    nines = "9" * 38

    assert read(a_field("decimal", precision=38, scale=0), text.format(nines)) == [
        Decimal(f"-{nines}" if text.startswith("-") else nines)
    ]


def test_decimals_have_up_to_38_digits_on_either_side_of_the_point():
    whole, behind = "9" * 38, "." + "9" * 38

    assert read(a_field("decimal", precision=38, scale=0), whole, behind) == [Decimal(whole), R.TOO_PRECISE]
    assert read(a_field("decimal", precision=38, scale=38), behind, "-0.1", "1") == [
        Decimal("0" + behind),
        Decimal("-0.1"),
        R.OUT_OF_RANGE,
    ]


def test_a_boolean_is_true_or_false_in_any_case():
    texts = ("true", "TRUE", "False", "false", "1", "yes", "t", " true", "")

    assert read(a_field("boolean"), *texts) == [True, True, False, False, *[R.NOT_A_BOOLEAN] * 4, None]


def test_a_boolean_has_the_words_that_were_chosen_for_it():
    field = a_field("boolean", true_words=("yes", "Y", "\xfcber"), false_words=("no", "N"))

    assert read(field, "YES", "y", "\xdcBER", "No", "n", "true", "false") == [
        True,
        True,
        True,
        False,
        False,
        R.NOT_A_BOOLEAN,
        R.NOT_A_BOOLEAN,
    ]


def test_words_for_true_alone_leave_false_its_own():
    assert read(a_field("boolean", true_words=("X",)), "x", "false", "") == [True, False, None]


def test_an_empty_field_is_null_unless_it_is_text():
    for kind in set(TypeName) - {TypeName.TEXT, TypeName.DECIMAL}:
        assert read(a_field(kind), "", "") == [None, None]
    assert read(a_field("decimal", scale=2), "") == [None]
    assert read(a_field("text"), "", " ") == ["", " "]


def test_null_words_are_null_to_the_letter():
    assert read(a_field("text", null_words=("\\N", "NULL")), "\\N", "NULL", "Null", "\\n", "") == [
        None,
        None,
        "Null",
        "\\n",
        "",
    ]
    assert read(a_field("integer", null_words=("-", "999")), "-", "999", "0999", "", "1") == [
        None,
        None,
        999,
        None,
        1,
    ]
    assert read(a_field("date", null_words=("9999-12-31",)), "9999-12-31", "0000-00-00") == [
        None,
        R.NOT_A_DATE,
    ]


def test_a_text_may_be_null_where_it_is_empty():
    assert read(a_field("text", null_words=("",)), "", " ") == [None, " "]


def test_a_date_is_one_of_the_calendar_in_iso_8601():
    texts = ("2026-01-05", "2024-02-29", "0001-01-01", "9999-12-31", "1900-02-28")

    assert read(a_field("date"), *texts) == [date.fromisoformat(text) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29",
        "2026-02-30",
        "2026-04-31",
        "1900-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "0000-01-01",
        "2026-1-5",
        "20260105",
        "2026-01-05T00:00",
        " 2026-01-05",
        "2026-01-05 ",
        "26-01-05",
        "12026-01-05",
        "-2026-01-05",
        "\uff12026-01-05",
    ],
)
def test_anything_else_is_not_a_date(text):
    assert read(a_field("date"), text) == [R.NOT_A_DATE]


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("%m/%d/%Y", "01/05/2026", date(2026, 1, 5)),
        ("%m/%d/%Y", "1/5/2026", date(2026, 1, 5)),
        ("%d.%m.%Y", "29.2.2024", date(2024, 2, 29)),
        ("%d.%m.%y", "31.12.68", date(2068, 12, 31)),
        ("%d.%m.%y", "1.1.69", date(1969, 1, 1)),
        ("%Y%m%d", "20260105", date(2026, 1, 5)),
        ("%d-%b-%Y", "5-jan-2026", date(2026, 1, 5)),
        ("%d%b%Y", "05JAN2026", date(2026, 1, 5)),
        ("%B %d, %Y", "March 5, 2026", date(2026, 3, 5)),
        ("%a %d %b %Y", "Mon 05 Jan 2026", date(2026, 1, 5)),
        ("%A, %d %B %Y", "MONDAY, 05 january 2026", date(2026, 1, 5)),
        ("%Y-%m-%d", "2026-1-5", date(2026, 1, 5)),
        ("100%% %d{m}%m|%Y", "100% 5{m}1|2026", date(2026, 1, 5)),
        ("%Y\u5e74%m\u6708%d\u65e5", "2026\u5e741\u67085\u65e5", date(2026, 1, 5)),
    ],
)
def test_a_date_is_read_by_its_format(form, text, day):
    assert read(a_field("date", format=form), text, text) == [day, day]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%m/%d/%Y", "13/1/2026"),
        ("%m/%d/%Y", "1/5/26"),
        ("%m/%d/%Y", "2/30/2026"),
        ("%m/%d/%Y", "001/5/2026"),
        ("%m/%d/%Y", "1/5/2026 "),
        ("%m/%d/%Y", "1 /5/2026"),
        ("%Y%m%d", "2026105"),
        ("%Y%m%d", "2026015"),
        ("%d-%b-%Y", "5-May -2026"),
        ("%d-%b-%Y", "5-March-2026"),
        ("%d-%b-%Y", "5-\u017fep-2026"),
        ("%d-%b-%Y", "5-Mai-2026"),
        ("%a %d %b %Y", "Tue 05 Jan 2026"),
        ("%d %m %Y", "5  1 2026"),
        ("%d %m %Y", "5\t1\t2026"),
    ],
)
def test_a_date_that_is_not_of_its_format_is_none(form, text):
    assert read(a_field("date", format=form), text, text) == [R.NOT_A_DATE, R.NOT_A_DATE]


def test_a_timestamp_without_a_zone_is_what_the_clock_shows():
    texts = ("2026-01-05T10:20:30", "2026-01-05 10:20", "2026-01-05T10:20:30.1", "0001-01-01 00:00:00.000001")

    assert read(a_field("timestamp"), *texts) == [
        local(2026, 1, 5, 10, 20, 30),
        local(2026, 1, 5, 10, 20),
        local(2026, 1, 5, 10, 20, 30, 100_000),
        local(1, 1, 1, 0, 0, 0, 1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05",
        "2026-01-05T10",
        "2026-01-05T24:00:00",
        "2026-01-05T10:60",
        "2026-01-05T10:20:60",
        "2026-02-30T10:20",
        "2026-01-05t10:20",
        "2026-01-05  10:20",
        "2026-01-05T10:20:30.",
        "2026-01-05T10:20:30,5",
        "2026-01-05T10:20:30Z",
        "2026-01-05T10:20:30+01:00",
        "2026-01-05T9:20",
        "2026-01-05T10:20 ",
    ],
)
def test_anything_else_is_not_a_timestamp(text):
    assert read(a_field("timestamp"), text) == [R.NOT_A_TIMESTAMP]


def test_more_than_microseconds_are_kept_only_where_they_are_zeros():
    assert read(a_field("timestamp"), "2026-01-05T10:20:30.1234560000", "2026-01-05T10:20:30.1234561") == [
        local(2026, 1, 5, 10, 20, 30, 123_456),
        R.TOO_PRECISE,
    ]


def test_a_timestamp_with_a_zone_is_a_moment_in_utc_and_an_offset_of_its_own_goes_first():
    field = a_field("timestamp", timezone="America/Denver")
    texts = (
        "2026-01-05T10:20",
        "2026-07-05 10:20",
        "2026-01-05T10:20Z",
        "2026-01-05T10:20+02",
        "2026-01-05T10:20-0230",
    )

    assert read(field, *texts) == [
        utc(2026, 1, 5, 17, 20),
        utc(2026, 7, 5, 16, 20),
        utc(2026, 1, 5, 10, 20),
        utc(2026, 1, 5, 8, 20),
        utc(2026, 1, 5, 12, 50),
    ]


def test_a_time_that_a_zone_skipped_or_had_twice_is_no_moment():
    field = a_field("timestamp", timezone="America/Denver")
    texts = ("2026-03-08T01:59", "2026-03-08T02:00", "2026-03-08T02:59:59.999999", "2026-03-08T03:00")
    autumn = (
        "2026-11-01T00:59",
        "2026-11-01T01:00",
        "2026-11-01T01:59",
        "2026-11-01T02:00",
        "2026-11-01T01:30-07:00",
    )

    assert read(field, *texts) == [utc(2026, 3, 8, 8, 59), R.NO_SUCH_TIME, R.NO_SUCH_TIME, utc(2026, 3, 8, 9)]
    assert read(field, *autumn) == [
        utc(2026, 11, 1, 6, 59),
        R.AMBIGUOUS_TIME,
        R.AMBIGUOUS_TIME,
        utc(2026, 11, 1, 9),
        utc(2026, 11, 1, 8, 30),
    ]


def test_a_day_that_a_zone_skipped_has_no_moment():
    field = a_field("timestamp", timezone="Pacific/Apia")

    assert read(field, "2011-12-29T23:59", "2011-12-30T12:00", "2011-12-31T00:00") == [
        utc(2011, 12, 30, 9, 59),
        R.NO_SUCH_TIME,
        utc(2011, 12, 30, 10),
    ]


def test_a_moment_before_the_year_1_or_behind_9999_is_out_of_range():
    field = a_field("timestamp", timezone="America/Denver")

    assert (
        read(field, "0001-01-01T00:00+01", "9999-12-31T23:00-02", "9999-12-31T23:00") == [R.OUT_OF_RANGE] * 3
    )


@pytest.mark.parametrize("offset", ["+24:00", "+01:60", "+1", "+010", "z", "UTC", "+01:", " +01:00"])
def test_an_offset_that_is_none_makes_no_timestamp(offset):
    assert read(a_field("timestamp", timezone="UTC"), f"2026-01-05T10:20{offset}") == [R.NOT_A_TIMESTAMP]


@pytest.mark.parametrize(
    ("settings", "text", "moment"),
    [
        ({"format": "%m/%d/%Y %I:%M %p"}, "1/5/2026 3:04 PM", local(2026, 1, 5, 15, 4)),
        ({"format": "%m/%d/%Y %I:%M %p"}, "1/5/2026 12:04 am", local(2026, 1, 5, 0, 4)),
        ({"format": "%m/%d/%Y %I:%M %p"}, "1/5/2026 12:04 pm", local(2026, 1, 5, 12, 4)),
        ({"format": "%m/%d/%Y %I:%M %p"}, "1/5/2026 13:04 pm", R.NOT_A_TIMESTAMP),
        ({"format": "%m/%d/%Y %I:%M %p"}, "1/5/2026 0:04 am", R.NOT_A_TIMESTAMP),
        ({"format": "%d.%m.%Y %H:%M:%S"}, "5.1.2026 7:08:09", local(2026, 1, 5, 7, 8, 9)),
        ({"format": "%Y-%m-%d %H:%M:%S.%f"}, "2026-01-05 07:08:09.5", local(2026, 1, 5, 7, 8, 9, 500_000)),
        ({"format": "%Y%m%d%H%M%S%f%z"}, "20260105070809123+0100", utc(2026, 1, 5, 6, 8, 9, 123_000)),
        ({"format": "%Y-%m-%dT%H:%M:%S%z"}, "2026-01-05T07:08:09Z", utc(2026, 1, 5, 7, 8, 9)),
        ({"format": "%Y-%m-%dT%H:%M:%S%z"}, "2026-01-05T07:08:09", R.NOT_A_TIMESTAMP),
        ({"format": "%a %b %d %H:%M:%S %z %Y"}, "Mon Jan 05 07:08:09 +0100 2026", utc(2026, 1, 5, 6, 8, 9)),
        ({"format": "%Y%m%d %H", "timezone": "Europe/Berlin"}, "20260105 7", utc(2026, 1, 5, 6)),
        ({"format": "%d.%m.%Y %H:%M", "timezone": "Europe/Berlin"}, "29.03.2026 02:30", R.NO_SUCH_TIME),
    ],
)
def test_a_timestamp_is_read_by_its_format(settings, text, moment):
    assert read(a_field("timestamp", **settings), text, text) == [moment, moment]


@pytest.mark.parametrize(
    ("kind", "form", "why"),
    [
        ("date", "%Y-%m", "it must name the day once, by %d"),
        ("date", "%d.%m.", "it must name the year once, by %Y or %y"),
        ("date", "%Y %y %m %d", "it must name the year once, by %Y or %y"),
        ("date", "%Y-%d", "it must name the month once, by %m or %b or %B"),
        ("date", "%Y-%m-%d %d", "a letter occurs twice"),
        ("date", "%Y-%m-%d %H", "a date has no time of day; a timestamp has"),
        ("date", "%Y-%m-%D", "`%D` is not a format letter"),
        ("date", "%Y-%-m-%d", "`%-` is not a format letter"),
        ("date", "%Y-%m-%d%", "`%` is not a format letter"),
        ("date", "YYYY-MM-DD", "it must name the year once, by %Y or %y"),
        ("timestamp", "%Y-%m-%d", "it must name the hour once, by %H or %I"),
        ("timestamp", "%Y-%m-%d %H %I %p", "it must name the hour once, by %H or %I"),
        ("timestamp", "%Y-%m-%d %I:%M", "%I needs %p"),
        ("timestamp", "%Y-%m-%d %H %p", "%p needs %I"),
        ("timestamp", "%Y-%m-%d %H:%S", "%S needs %M"),
        ("timestamp", "%Y-%m-%d %H:%M.%f", "%f needs %S"),
        ("timestamp", "%H:%M:%S%f%Y-%m-%d", "a digit follows %f, which has no fixed number of digits"),
        ("timestamp", "%H:%M%z%Y-%m-%d", "the text after %z could be part of the offset"),
        ("timestamp", "%Y-%m-%d %H:%M %Q", "`%Q` is not a format letter"),
        (
            "timestamp",
            "%Y-%m-%d %H:%M %Z",
            "%Z needs `zone_names`, such as {PST: America/Los_Angeles, PDT: America/Los_Angeles}",
        ),
    ],
)
def test_a_format_that_leaves_something_open_is_refused(kind, form, why):
    with pytest.raises(RequestWrong) as refused:
        ColumnReader.of(a_field(kind, format=form))

    assert refused.value.what == f"The format `{form}` cannot be used: {why}"


def test_a_format_without_end_is_refused():
    with pytest.raises(RequestWrong, match=r"it has more than 100 characters"):
        ColumnReader.of(a_field("date", format="%Y-%m-%d" + " " * 100))


@pytest.mark.parametrize("zone", ["America/Dever", "", "../etc/passwd", "/etc/localtime", "America", "x\0y"])
def test_a_zone_that_there_is_not_is_refused(zone):
    with pytest.raises(RequestWrong):
        ColumnReader.of(a_field("timestamp", timezone=zone or "\n"))
