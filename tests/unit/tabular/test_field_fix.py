"""The setting that a hint names reads the values that it is given for."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Field, Negative
from bucketlift.model.types import TypeName
from bucketlift.tabular.hints.field_fix import field_fix

from .test_typed_values import a_field


def a_decimal(**settings):
    return a_field("decimal", precision=12, scale=2, **settings)


def hint(field, *rejected, read=()):
    fix = field_fix(field, rejected, read)
    return None if fix is None else fix.hint


@pytest.mark.parametrize(
    ("field", "rejected", "settings"),
    [
        (a_decimal(), ["1,5", "-12,50"], 'decimal_point: ","'),
        (a_decimal(), ["1,5", "1.234,56"], 'decimal_point: ",", thousands: "."'),
        (a_decimal(), ["1,234.50", "2,000,000"], 'thousands: ","'),
        (a_decimal(), ["1\u202f234,50"], 'decimal_point: ",", thousands: " "'),
        (a_decimal(), ["1\u2019234.50"], 'thousands: "\'"'),
        (a_decimal(), ["$400.00", "$1.00"], 'strip: ["$"]'),
        (a_decimal(), ["12.5%", "3%"], 'strip: ["%"]'),
        (a_decimal(), ["5.00 EUR", "EUR 7"], 'strip: [EUR, " "]'),
        (a_decimal(), ["($30.00)", "50.00-"], 'negative: [parentheses, trailing], strip: ["$"]'),
        (a_decimal(), ["\u22125.00"], "negative: [unicode-minus]"),
        (a_decimal(), ["   12.50  ", " 3.00"], 'strip: [" "]'),
        (a_decimal(strip=("$",)), ["$ 5"], 'strip: ["$", " "]'),
        (a_field("integer"), ["1001.0", "1002.00"], "type: decimal, scale: 0"),
        (a_field("integer"), ["1,234,567"], 'thousands: ","'),
        (a_field("integer"), [" 1", "2 "], 'strip: [" "]'),
        (a_field("date"), [" 2026-01-05", "          "], 'strip: [" "]'),
        (a_field("boolean"), ["true "], 'strip: [" "]'),
    ],
)
def test_the_setting_that_reads_the_values_is_named(field, rejected, settings):
    assert hint(field, *rejected) == f"Set `{settings}` in field `x`."


def test_names_of_zones_are_named_as_what_they_mean_most_often():
    assert hint(a_field("timestamp"), "2026-07-07 07:50:39 PDT", "2026-12-07 07:50:39 PST") == (
        'Set `format: "%Y-%m-%d %H:%M:%S %Z", zone_names: {PDT: America/Los_Angeles, PST: America/Los_Angeles}`'
        " in field `x`, if that is what the names mean."
    )


def test_a_single_group_leaves_a_doubt_with_the_person():
    assert hint(a_field("integer"), "1.234", "5.678") == (
        'Set `thousands: "."` in field `x`, if the character is between groups of three digits.'
    )
    assert hint(a_field("decimal", scale=3), "1,234", "5,678") == (
        'Values of field `x` can be read in several ways: set `decimal_point: ","` or `thousands: ","` in the field.'
    )


def test_what_reads_most_of_the_values_is_named():
    fix = field_fix(a_decimal(), ["$1", "$2", "$3", "n/a"])

    assert fix is not None
    assert (fix.settings, fix.reads) == ({"strip": ["$"]}, 3)


@pytest.mark.parametrize(
    ("field", "rejected", "read"),
    [
        (a_decimal(), ["n/a", "-"], ()),
        (a_decimal(), ["5K", "7M"], ()),
        (a_decimal(), ["1e3"], ()),
        (a_decimal(), ["12,34,567"], ()),
        (a_field("decimal", scale=3), ["1.234,50", "2.000,00"], ("1.234",)),
        (a_field("timestamp"), ["2026-07-07 07:50:39 IST"], ()),
        (a_field("date"), ["2026-02-30"], ()),
        (a_field("text"), ["x"], ()),
        (a_decimal(), [], ()),
    ],
)
def test_no_setting_is_named_that_does_not_read_them_or_changes_what_is_read(field, rejected, read):
    assert hint(field, *rejected, read=read) is None


def test_settings_that_a_field_has_stay():
    field = a_decimal(negative=(Negative.TRAILING,), decimal_point=",")

    assert hint(field, "(1,5)") == "Set `negative: [parentheses, trailing]` in field `x`."


@pytest.mark.parametrize("texts", [["12.-", "3.50"], ["CHF 12.-", "CHF 3.50"], ["12,-", "5,-"]])
def test_a_dash_in_place_of_cents_is_called_no_minus(texts):
    found = field_fix(Field(name="x", type=TypeName.DECIMAL, scale=2), texts)

    assert found is None or "negative" not in found.settings


@pytest.mark.parametrize(
    ("rejected", "settings", "unit"),
    [
        (["5 kg", "7.5 kg"], 'strip: [kg, " "]', "`kg`"),
        (["5kg", "7kg", "9 g"], 'strip: [kg, " "]', "`kg`"),
        (["kg 5", "kg 6"], 'strip: [kg, " "]', "`kg`"),
        (["12 BGN", "1 BGN"], 'strip: [BGN, " "]', "`BGN`"),
        (["12km/h", "1km/h"], "strip: [km/h]", "`km/h`"),
        (["21.5°C", "-3°C"], 'strip: ["°C"]', "`°C`"),
        (["1,5 Stk.", "1.234,5 Stk."], 'decimal_point: ",", thousands: ".", strip: [Stk., " "]', "`Stk.`"),
        (["5 EUR/kg", "7 EUR/kg"], 'strip: [EUR, EUR/kg, " "]', "`EUR/kg`"),
        (["5 kg", "7 KG", "8 kg"], 'strip: [kg, KG, " "]', "`kg` and `KG`"),
    ],
)
def test_one_unit_of_most_values_is_named_with_a_doubt(rejected, settings, unit):
    assert hint(a_decimal(), *rejected) == f"Set `{settings}` in field `x`, if {unit} only names a unit."


@pytest.mark.parametrize(
    "rejected",
    [
        ["5K", "7K"],
        ["5 m", "7 M"],
        ["5 Mio.", "7 Mio."],
        ["5 CR", "7 CR"],
        ["minus 5", "minus 7"],
        ["5 kg", "5 lb"],
        ["5 kg", "Ann", "Bo"],
        ["5 Smith"],
        ["5 of 10", "6 of 10"],
        ["5e3", "6e3"],
        ["<5", "<7"],
        ["1st", "21st"],
    ],
)
def test_texts_that_may_change_a_value_or_are_no_unit_of_most_are_not_named(rejected):
    assert hint(a_decimal(), *rejected) is None


def test_long_values_are_not_searched_for_units():
    long = "1" + " " * 1_000_000 + "?"  # to try every split between its blanks would take hours

    assert hint(a_decimal(), long, long) is None
