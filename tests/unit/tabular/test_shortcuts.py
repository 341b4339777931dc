"""Arrow's way and the exact way agree on every cell, over generated ones."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.model.contract import Field, Negative
from bucketlift.model.rows import RejectReason
from bucketlift.model.types import TypeName
from bucketlift.tabular.types.columns import ColumnReader
from bucketlift.tabular.types.stripping import Strip
from budgets import examples

from .test_typed_values import a_field

FIELDS = [
    a_field("integer"),
    a_field("integer", null_words=("0", "-1")),
    a_field("decimal", precision=5, scale=2),
    a_field("decimal", precision=38, scale=10),
    a_field("decimal", precision=3, scale=3),
    a_field("decimal", precision=4, scale=0, null_words=("0",)),
    a_field("boolean", true_words=("1", "y"), null_words=("-",)),
    a_field("date"),
    a_field("date", format="%Y-%m-%d"),
    a_field("date", format="%m/%d/%Y"),
    a_field("date", format="%d%m%Y"),
    a_field("date", format="%d.%m.%y"),
    a_field("date", format="%% %Y%m%d."),
    a_field("timestamp"),
    a_field("timestamp", timezone="America/Denver"),
    a_field("timestamp", timezone="Pacific/Apia"),
    a_field("timestamp", format="%Y-%m-%d %H:%M:%S"),
    a_field("timestamp", format="%Y-%m-%dT%H:%M:%S.%f%z"),
    a_field("timestamp", format="%m/%d/%Y %H:%M", timezone="Europe/London"),
    a_field("timestamp", format="%m/%d/%Y %I:%M:%S %p"),
    a_field("timestamp", format="%d%m%Y%H%M%S%z"),
]
WRITTEN = [
    a_field("integer", thousands=",", negative=(Negative.PARENTHESES,), null_words=("0", "-")),
    a_field("integer", strip=(" ",), null_words=("0",)),
    a_field(
        "integer", thousands=".", negative=(Negative.TRAILING, Negative.UNICODE_MINUS), strip=("$", "EUR")
    ),
    a_field("decimal", precision=9, scale=2, thousands=".", decimal_point=","),
    a_field("decimal", scale=2, thousands=" ", strip=("$", "EUR", "%", " "), negative=tuple(Negative)),
    a_field(
        "decimal", scale=2, thousands="'", negative=(Negative.TRAILING,), strip=(" ",), null_words=("-",)
    ),
    a_field("decimal", scale=1, strip=("E", "EU", "EUR", "R."), negative=(Negative.PARENTHESES,)),
    a_field("decimal", scale=2, strip=("E5", "$"), thousands=".", decimal_point=","),
    a_field("text", strip=(" ", "$"), null_words=("", "-")),
    a_field("text", strip=("E", "EU", "UR")),
    a_field("text", strip=("EUR", "$ ")),
    a_field("date", strip=(" ", "$")),
    a_field("boolean", strip=(" ", "EUR"), true_words=("1", "5")),
]
DENVER = "America/Denver"
NAMED = a_field(
    "timestamp",
    format="%Y-%m-%d %H:%M %Z",
    strip=(" ",),
    zone_names=(
        ("MST", DENVER),
        ("MDT", DENVER),
        ("Mountain", DENVER),
        ("CET", "Europe/Berlin"),
        ("UTC", "UTC"),
    ),
)

numbers = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.integers(-200, 200).map(str),
    st.tuples(st.sampled_from(["", "-", "+", "0", "00"]), st.integers(0, 10**6), st.integers(0, 10**4)).map(
        lambda parts: f"{parts[0]}{parts[1]}.{parts[2]}"
    ),
    st.text("0123456789+-.,eE xX_", max_size=7),
)
noise = st.text("0123456789+-./: TZAPM%", max_size=22) | st.sampled_from(
    ["", "0", "-", "1", "y", "Y", "false", "\u0661"]
)


@st.composite
def clocks(draw: st.DrawFn) -> str:
    """A text that is nearly, and often wholly, of one of the layouts."""
    day = date(1, 1, 1) + timedelta(days=draw(st.integers(0, 3_652_058) | st.integers(730_000, 740_000)))
    year, month, in_month = f"{day.year:04}", day.month, draw(st.just(day.day) | st.integers(0, 32))
    hour, minute, second = draw(st.integers(0, 25)), draw(st.integers(0, 61)), draw(st.integers(0, 61))
    fraction = draw(st.sampled_from(["", "", ".5", ".123456", ".1234567", ".1234560", ".", ".000001"]))
    offset = draw(st.sampled_from(["", "", "Z", "+01", "-0730", "+05:45", "+24:00", "-00:00", " Z", "z"]))
    wide = draw(st.sampled_from(["02", "02", ""]))
    two = [format(part, wide) for part in (month, in_month, hour, minute, second)]
    m, d, hours, minutes, seconds = two
    form = draw(
        st.sampled_from(
            [
                f"{year}-{m}-{d}",
                f"{m}/{d}/{year}",
                f"{d}{m}{year}",
                f"{d}.{m}.{year[2:]}",
                f"% {year}{m}{d}.",
                f"{year}-{m}-{d}T{hours}:{minutes}{offset}",
                f"{year}-{m}-{d} {hours}:{minutes}:{seconds}{fraction}{offset}",
                f"{year}-{m}-{d}T{hours}:{minutes}:{seconds}{fraction}{offset}",
                f"{m}/{d}/{year} {hours}:{minutes}",
                f"{m}/{d}/{year} {hours}:{minutes}:{seconds} {draw(st.sampled_from(['AM', 'pm', 'Pm', 'M']))}",
                f"{d}{m}{year}{hours}{minutes}{seconds}{offset}",
            ]
        )
    )
    return draw(st.sampled_from([form, form, form, form + " ", " " + form, form[:-1]]))


@st.composite
def written_numbers(draw: st.DrawFn) -> str:
    """A number in groups, with a sign, a currency and blanks in any place: often right, often nearly so."""
    mark, point = (
        draw(st.sampled_from([",", ".", " ", "\u00a0", "\u202f", "'", "\u2019", ""])),
        draw(st.sampled_from(",.")),
    )
    whole = f"{draw(st.integers(0, 10**8)):,}".replace(",", mark)
    number = whole + draw(st.sampled_from(["", "", f"{point}5", f"{point}50", f"{point}123", point]))
    around = st.sampled_from(["", "", "", " ", "$", "EUR", "\u00a0EUR", "$ ", "E5", "EU", "%", "$$", "  "])
    sign = draw(
        st.sampled_from(["{}", "{}", "-{}", "+{}", "({})", "{}-", "\u2212{}", "{}\u2212", "(-{})", "-{}-"])
    )
    return draw(around) + sign.format(draw(around) + number + draw(around)) + draw(around)


@st.composite
def named_clocks(draw: st.DrawFn) -> str:
    day = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 364) | st.sampled_from([66, 304, 87, 297])))
    hour = draw(st.integers(0, 23) | st.integers(0, 3))
    name = draw(st.sampled_from(["MST", "MDT", "Mountain", "CET", "UTC", "CEST", "mst", ""]))
    gap = draw(st.sampled_from([" ", " ", "\u202f", "  "]))
    return f"{day} {hour}:{draw(st.integers(0, 59)):02}{gap}{name}{draw(st.sampled_from(['', '', ' ']))}"


def each_its_own_way(reader: ColumnReader, texts: list[str]) -> tuple[Any, dict[int, RejectReason]]:
    told = [reader.cell(text) for text in texts]
    values = [None if isinstance(each, RejectReason) else each for each in told]
    return pa.array(values, reader.type), {
        row: each for row, each in enumerate(told) if isinstance(each, RejectReason)
    }


@pytest.mark.slow
@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.type}-{field.format}-{field.timezone}")
@settings(deadline=None, max_examples=examples(60))
@given(texts=st.lists(numbers | clocks() | clocks() | noise, min_size=1, max_size=40))
def test_a_batch_is_read_as_its_cells_are(field: Field, texts):
    reader = ColumnReader.of(field)

    column = reader.read(pa.array(texts, pa.string()))

    assert (column.values, dict(column.faults())) == each_its_own_way(reader, texts)


@pytest.mark.slow
@pytest.mark.parametrize("field", WRITTEN, ids=lambda field: f"{field.type}-{field.thousands}-{field.strip}")
@settings(deadline=None, max_examples=examples(60))
@given(texts=st.lists(written_numbers() | numbers | noise, min_size=1, max_size=40))
def test_a_batch_of_written_values_is_read_as_its_cells_are(field: Field, texts):
    reader = ColumnReader.of(field)

    column = reader.read(pa.array(texts, pa.string()))

    if field.type is TypeName.TEXT:
        left = [Strip.of(field.strip)(text) for text in texts]
        assert column.values.to_pylist() == [None if each in field.null_words else each for each in left]
    else:
        assert (column.values, dict(column.faults())) == each_its_own_way(reader, texts)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(100))
@given(texts=st.lists(named_clocks(), min_size=1, max_size=40))
def test_a_batch_of_named_times_is_read_as_its_cells_are(texts):
    reader = ColumnReader.of(NAMED)

    column = reader.read(pa.array(texts, pa.string()))

    assert (column.values, dict(column.faults())) == each_its_own_way(reader, texts)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (a_field("integer", strip=(" ",)), "  -42 "),
        (a_field("integer", thousands=","), "1,234,567"),
        (a_field("decimal", scale=2, thousands=".", decimal_point=","), "-1.234,5"),
        (a_field("decimal", scale=2, thousands=" ", strip=("EUR", " ")), "1\u202f234.50 EUR"),
        (a_field("decimal", scale=2, negative=tuple(Negative), strip=("$",)), "($30.00)"),
        (a_field("decimal", scale=2, negative=tuple(Negative), strip=("$",)), "$50.00-"),
        (a_field("date", strip=(" ", "on")), "on 2026-01-05"),
        (NAMED, "2026-07-07 07:50 MDT"),
        (NAMED, "2026-01-07 07:50 UTC"),
        (a_field("integer"), "-42"),
        (a_field("decimal", precision=12, scale=2), "1234.5"),
        (a_field("date"), "2026-01-31"),
        (a_field("date", format="%m/%d/%Y"), "1/5/2026"),
        (a_field("date", format="%Y%m%d"), "20260105"),
        (a_field("timestamp"), "2026-01-05T10:20:30.123"),
        (a_field("timestamp", timezone="America/Denver"), "2026-01-05 10:20"),
        (a_field("timestamp", timezone="America/Denver"), "2026-01-05 10:20Z"),
        (a_field("timestamp", format="%m/%d/%Y %I:%M %p", timezone="America/Denver"), "1/5/2026 3:04 PM"),
    ],
)
def test_ordinary_cells_take_the_shortcut(field, text):
    reader, texts = ColumnReader.of(field), pa.array([text])
    stripped = reader.strip.many(texts) if reader.strip else texts

    assert reader.shortcut is not None
    assert reader.shortcut(stripped).null_count == 0


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(300))
@given(
    zone=st.sampled_from(sorted(available_timezones())),
    hours=st.lists(st.integers(-1_200_000, 1_200_000), min_size=1, max_size=30),
)
def test_every_zone_reads_a_batch_as_its_cells(zone, hours):
    reader = ColumnReader.of(a_field("timestamp", timezone=zone))
    texts = [f"{date(1970, 1, 1) + timedelta(days=each // 24)}T{each % 24:02}:30" for each in hours]

    column = reader.read(pa.array(texts, pa.string()))

    assert (column.values, dict(column.faults())) == each_its_own_way(reader, texts)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(12))
@given(zone=st.sampled_from(sorted(available_timezones())), year=st.integers(1900, 2037))
def test_no_zone_reads_an_hour_of_a_year_differently_in_a_batch(zone, year):
    reader = ColumnReader.of(a_field("timestamp", timezone=zone))
    first = date(year, 1, 1)
    texts = [f"{first + timedelta(days=hour // 24)} {hour % 24:02}:00" for hour in range(8_760)]

    column = reader.read(pa.array(texts, pa.string()))

    assert (column.values, dict(column.faults())) == each_its_own_way(reader, texts)


@pytest.mark.slow
def test_every_day_of_the_calendar_and_none_beside_it_takes_the_shortcut_of_iso_dates():
    shortcut = ColumnReader.of(a_field("date")).shortcut
    texts = [
        f"{year}-{m:02}-{d:02}" for year in (1900, 2000, 2023, 2024) for m in range(14) for d in range(33)
    ]

    assert shortcut is not None
    values = shortcut(pa.array(texts))

    told = [str(value) for value in values.to_pylist() if value is not None]
    assert told == [text for text in texts if _is_day(text) and not text.endswith("02-29")]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
