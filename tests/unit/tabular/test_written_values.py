"""Values as people write them: groups of digits, decimal commas, currencies, parentheses, names of time zones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Negative
from bucketlift.model.rows import RejectReason
from bucketlift.tabular.types.columns import ColumnReader

from .test_typed_values import a_field, local, read, utc

R = RejectReason
BOTH = (Negative.PARENTHESES, Negative.TRAILING)


def a_decimal(**settings):
    return a_field("decimal", precision=12, scale=2, **settings)


@pytest.mark.parametrize(
    ("settings", "text", "value"),
    [
        ({"decimal_point": ","}, "1,5", "1.5"),
        ({"decimal_point": ","}, "-12,50", "-12.5"),
        ({"decimal_point": ",", "thousands": "."}, "1.234,56", "1234.56"),
        ({"decimal_point": ",", "thousands": "."}, "1.234.567,8", "1234567.8"),
        ({"decimal_point": ",", "thousands": "."}, "1234,56", "1234.56"),
        ({"decimal_point": ",", "thousands": "."}, "1.234", "1234"),
        ({"thousands": ","}, "12,345", "12345"),
        ({"thousands": ","}, "+1,234.5", "1234.5"),
        ({"thousands": " "}, "1 234", "1234"),
        ({"thousands": " "}, "1\u00a0234", "1234"),
        ({"thousands": "\u00a0"}, "1\u202f234 567", "1234567"),
        ({"thousands": "'"}, "1\u2019234.50", "1234.5"),
        ({"negative": BOTH}, "(30.00)", "-30"),
        ({"negative": BOTH}, "50.00-", "-50"),
        ({"negative": BOTH}, "-7", "-7"),
        ({"negative": (Negative.UNICODE_MINUS,)}, "\u22125", "-5"),
        ({"negative": (Negative.UNICODE_MINUS, Negative.TRAILING)}, "5\u2212", "-5"),
        ({"strip": ("$",)}, "$400.00", "400"),
        ({"strip": ("$",)}, "-$5", "-5"),
        ({"strip": ("$",)}, "$-5", "-5"),
        ({"strip": ("$", " "), "negative": BOTH, "thousands": ","}, "($1,200.00) ", "-1200"),
        ({"strip": ("$", " "), "negative": BOTH}, "$ (30.00)", "-30"),
        ({"strip": ("$", " "), "negative": BOTH}, "$ 30.00 -", "-30"),
        ({"strip": ("%",)}, "12.5%", "12.5"),
        ({"strip": ("EUR", " ")}, "EUR\u00a05.00 ", "5"),
        ({"strip": ("\u20ac ",)}, "\u20ac 5.00", "5"),
        ({"strip": ("$",)}, "+7.25", "7.25"),
    ],
)
def test_a_number_is_read_as_it_is_written(settings, text, value):
    assert read(a_decimal(**settings), text, text) == [Decimal(value)] * 2


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"decimal_point": ","}, "1.5"),
        ({"decimal_point": ",", "thousands": "."}, "1.23,4"),
        ({"decimal_point": ",", "thousands": "."}, "12.34"),
        ({"decimal_point": ",", "thousands": "."}, "1234.567"),
        ({"decimal_point": ",", "thousands": "."}, "1.2345,6"),
        ({"decimal_point": ",", "thousands": "."}, "0.123"),
        ({"decimal_point": ",", "thousands": "."}, ".123"),
        ({"decimal_point": ",", "thousands": "."}, "1..234"),
        ({"decimal_point": ",", "thousands": "."}, "1,234.5"),
        ({"decimal_point": ",", "thousands": "."}, "1,234,5"),
        ({"thousands": ","}, "12,34,567"),
        ({"thousands": ","}, ",234"),
        ({"thousands": ","}, "1.234,567"),
        ({"thousands": " "}, "1  234"),
        ({"thousands": "'"}, "1 234"),
        ({}, "\u22125"),
        ({"negative": BOTH}, "(-5)"),
        ({"negative": BOTH}, "-(5)"),
        ({"negative": BOTH}, "-5-"),
        ({"negative": BOTH}, "(5-)"),
        ({"negative": BOTH}, "((5))"),
        ({"negative": BOTH}, "(5"),
        ({"negative": BOTH}, "()"),
        ({"negative": BOTH}, "-"),
        ({"negative": BOTH}, "\u22125"),
        ({"negative": (Negative.TRAILING,)}, "(5)"),
        ({"negative": (Negative.PARENTHESES,)}, "5-"),
        ({"strip": ("$",)}, "$"),
        ({"strip": ("$",)}, "$ 5"),
        ({"strip": ("$",)}, "5 USD"),
        ({"strip": ("%",)}, "5%5"),
        ({"strip": (" ",)}, "1 2"),
        ({"strip": (" ",)}, "--5"),
        ({"strip": (" ",)}, "\t5"),
    ],
)
def test_what_is_not_written_so_is_no_number(settings, text):
    assert read(a_decimal(**settings), text, text) == [R.NOT_A_DECIMAL] * 2


def test_digits_that_do_not_fit_are_told_as_in_plain_numbers():
    field = a_field("decimal", precision=6, scale=2, decimal_point=",", thousands=".")

    assert read(field, "1,239", "12.345,6", "1,2300") == [R.TOO_PRECISE, R.OUT_OF_RANGE, Decimal("1.23")]


def test_an_integer_has_groups_and_signs_but_no_point():
    field = a_field("integer", thousands=".", negative=BOTH, strip=("pcs", " "))

    texts = ("1.234", "(1.234 pcs)", "12-", "1.0", "1.23", "1,5", "9.223.372.036.854.775.808")
    assert read(field, *texts) == [1234, -1234, -12, *[R.NOT_AN_INTEGER] * 3, R.OUT_OF_RANGE]


def test_a_null_word_is_compared_before_and_after_stripping():
    field = a_decimal(strip=("$", " "), null_words=("-", "0"))

    assert read(field, "-", " - ", "$ -", "", "   ", "$", "0", " 0 ", "00") == [
        *[None] * 5,
        R.NOT_A_DECIMAL,
        None,
        None,
        Decimal(0),
    ]


def test_texts_are_stripped_from_both_ends_again_and_again_the_longest_first():
    field = a_field("text", strip=(" ", "*", "<<", "<"))

    assert read(field, "  ** a * b <", "<<<x", "", " * ", "\u00a0y\u2009", "\tz") == [
        "a * b",
        "x",
        "",
        "",
        "y",
        "\tz",
    ]


def test_dates_and_booleans_are_stripped_too():
    assert read(a_field("date", strip=(" ",)), " 2026-01-05", "2026-01-05  ", "   ", "2026 -01-05") == [
        date(2026, 1, 5),
        date(2026, 1, 5),
        None,
        R.NOT_A_DATE,
    ]
    assert read(a_field("boolean", strip=(" ", ".")), " true. ", "FALSE", "t") == [
        True,
        False,
        R.NOT_A_BOOLEAN,
    ]
    assert read(a_field("timestamp", strip=("at ",)), "at 2026-01-05T10:20") == [local(2026, 1, 5, 10, 20)]


def test_a_very_long_value_is_stripped_in_little_time():
    field = a_field("decimal", scale=2, strip=("a", "aa", "ab", " "))

    assert read(field, "a" * 200_000 + "x", " " * 200_000 + "5" + "a" * 200_000) == [
        R.NOT_A_DECIMAL,
        Decimal(5),
    ]


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u202f", "\u2009"])
def test_a_blank_in_a_format_is_any_kind_of_blank(blank):
    for written in (" ", "\u202f"):
        field = a_field("timestamp", format=f"%m/%d/%Y, %I:%M:%S{written}%p")
        assert read(field, f"3/2/2026, 2:10:22{blank}PM") == [local(2026, 3, 2, 14, 10, 22)]


def test_a_blank_in_a_format_is_one_blank():
    field = a_field("date", format="%d %m %Y")

    assert read(field, "5  1 2026", "5\u00a0\u00a01 2026", "5\t1 2026", "51 2026") == [R.NOT_A_DATE] * 4


def named(form="%Y-%m-%d %H:%M %Z", **zones):
    return a_field("timestamp", format=form, zone_names=tuple(zones.items()))


PACIFIC = {"PST": "America/Los_Angeles", "PDT": "America/Los_Angeles"}


def test_a_zones_name_says_where_the_clock_is():
    field = named(**PACIFIC, CET="Europe/Berlin", CEST="Europe/Berlin", UTC="UTC", GMT="UTC")

    assert read(
        field,
        "2026-07-07 07:50 PDT",
        "2026-12-07 07:50 PST",
        "2026-07-07 07:50 CEST",
        "2026-01-07 07:50 CET",
        "2026-07-07 07:50 UTC",
        "2026-07-07 07:50 GMT",
    ) == [
        utc(2026, 7, 7, 14, 50),
        utc(2026, 12, 7, 15, 50),
        utc(2026, 7, 7, 5, 50),
        utc(2026, 1, 7, 6, 50),
        utc(2026, 7, 7, 7, 50),
        utc(2026, 7, 7, 7, 50),
    ]


def test_the_name_tells_which_of_an_hour_that_was_there_twice_is_meant():
    field = named(**PACIFIC, Pacific="America/Los_Angeles")

    assert read(
        field,
        "2026-11-01 01:30 PDT",
        "2026-11-01 01:30 PST",
        "2026-11-01 01:30 Pacific",
        "2026-07-01 01:30 Pacific",
    ) == [utc(2026, 11, 1, 8, 30), utc(2026, 11, 1, 9, 30), R.AMBIGUOUS_TIME, utc(2026, 7, 1, 8, 30)]


def test_a_name_that_the_zone_does_not_use_at_that_time_makes_no_moment():
    field = named(**PACIFIC)

    assert (
        read(field, "2026-07-07 07:50 PST", "2026-12-07 07:50 PDT", "2026-03-08 02:30 PST")
        == [R.NO_SUCH_TIME] * 3
    )


@pytest.mark.parametrize(
    "text", ["2026-07-07 07:50 EDT", "2026-07-07 07:50 pdt", "2026-07-07 07:50", "2026-07-07 07:50 PDTx"]
)
def test_a_zones_name_that_is_not_listed_makes_no_timestamp(text):
    assert read(named(**PACIFIC), text) == [R.NOT_A_TIMESTAMP]


def test_a_fixed_offset_can_be_given_a_name():
    field = named(PST="Etc/GMT+8")

    assert read(field, "2026-07-07 07:50 PST", "2026-11-01 01:30 PST") == [
        utc(2026, 7, 7, 15, 50),
        utc(2026, 11, 1, 9, 30),
    ]


def test_a_zones_name_may_have_any_characters():
    field = a_field(
        "timestamp",
        format="%a %b %d %Y %H:%M:%S %Z",
        zone_names=(("GMT+0200 (CEST)", "Europe/Berlin"), ("GMT+02", "Europe/Berlin"), ("100%{Z}", "UTC")),
    )

    assert read(
        field,
        "Tue Jul 07 2026 07:50:39 GMT+0200 (CEST)",
        "Tue Jul 07 2026 07:50:39 GMT+02",
        "Tue Jul 07 2026 07:50:39 100%{Z}",
    ) == [utc(2026, 7, 7, 5, 50, 39), utc(2026, 7, 7, 5, 50, 39), utc(2026, 7, 7, 7, 50, 39)]


@pytest.mark.parametrize(
    ("form", "zones", "why"),
    [
        ("%Y-%m-%d %H:%M", {"PST": "America/Dever"}, "This time zone does not exist"),
        ("%Y-%m-%d %H:%M %z %Z", PACIFIC, "%z and %Z both give the offset"),
        (
            "%Y-%m-%d%Z %H:%M",
            {"UTC+1": "Etc/GMT-1", "1": "UTC"},
            "a number next to %Z could be part of the zone's name",
        ),
    ],
)
def test_zone_names_that_leave_something_open_are_refused(form, zones, why):
    with pytest.raises(RequestWrong) as refused:
        ColumnReader.of(named(form, **zones))

    assert refused.value.what.endswith(why)


def test_one_sign_cannot_be_the_decimal_point_and_stand_between_groups():
    with pytest.raises(RequestWrong, match=r"`thousands` and `decimal_point` are the same character"):
        ColumnReader.of(a_decimal(thousands="."))
