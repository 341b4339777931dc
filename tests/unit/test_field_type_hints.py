"""What a refusal proposes for a field whose text does not fit a typed column."""

from __future__ import annotations

import re

import pytest

from bucketlift.loaders.field_types import decimal, inexact
from bucketlift.loaders.fit import TableColumn
from bucketlift.model.load import Column, Target
from bucketlift.model.types import TypeName, ValueType

MONEY = decimal(10, 2)
WHOLE = ValueType(name=TypeName.INTEGER)
DAY = ValueType(name=TypeName.DATE)
TIME = ValueType(name=TypeName.TIMESTAMP)

PROPOSED = [
    (MONEY, "", ["type: decimal, precision: 10, scale: 2"]),
    (MONEY, "abc", ["type: decimal, precision: 10, scale: 2"]),
    (MONEY, "12,50", ['type: decimal, precision: 10, scale: 2, decimal_point: ","']),
    (MONEY, "1.234,50", ['type: decimal, precision: 10, scale: 2, decimal_point: ",", thousands: "."']),
    (MONEY, "1,234.50", ['type: decimal, precision: 10, scale: 2, thousands: ","']),
    (MONEY, "1.234.567", ['type: decimal, precision: 10, scale: 2, decimal_point: ",", thousands: "."']),
    (MONEY, "$1,234.50", ['type: decimal, precision: 10, scale: 2, thousands: ",", strip: ["$"]']),
    (MONEY, "(12.00)", ["type: decimal, precision: 10, scale: 2, negative: [parentheses]"]),
    (MONEY, "12.00-", ["type: decimal, precision: 10, scale: 2, negative: [trailing]"]),
    # One separator before three digits can be a decimal point: a guess could make 12345 of 12.345.
    (MONEY, "12.345", ["type: decimal, precision: 10, scale: 2"]),
    (MONEY, "1,234", ["type: decimal, precision: 10, scale: 2"]),
    (WHOLE, "", ["type: integer"]),
    (WHOLE, " 42", ['type: integer, strip: [" "]']),
    (WHOLE, "1.234", ["type: integer"]),
    (WHOLE, "1,234,567", ['type: integer, thousands: ","']),
    (WHOLE, "1 234", ['type: integer, thousands: " "']),
    (DAY, "", ["type: date"]),
    (DAY, "25.12.2026", ['type: date, format: "%d.%m.%Y"']),
    (DAY, "12/25/2026", ['type: date, format: "%m/%d/%Y"']),
    (DAY, "5/1/26", ['type: date, format: "%d/%m/%y"', 'type: date, format: "%m/%d/%y"']),
    (DAY, "20261225", ['type: date, format: "%Y%m%d"']),
    (TIME, "25/12/2026 10:30", ['type: timestamp, format: "%d/%m/%Y %H:%M"']),
    (ValueType(name=TypeName.TIMESTAMP, zoned=True), "", ["type: timestamp, timezone: UTC"]),
]


def refused(expected, value, *, field="pay", kind=TypeName.TEXT):
    source = Column(name="pay", field=field, type=ValueType(name=kind))
    target = Target(table="people", columns=(source,))
    column = TableColumn(name="pay", type="NUMERIC")
    return inexact(target, column, source, 2, expected=expected, value=value)


@pytest.mark.parametrize(("expected", "value", "proposed"), PROPOSED)
def test_the_field_type_of_the_column_is_proposed_in_the_form_of_the_value(expected, value, proposed):
    error = refused(expected, value)

    assert re.findall(r"`fields: \{pay: \{(.*?)\}\}`", error.hint) == proposed
    assert not value.strip() or value not in str(error)


def test_a_name_that_yaml_would_read_otherwise_is_quoted():
    assert 'fields: {"Pay, gross": {type: integer}}' in refused(WHOLE, "", field="Pay, gross").hint


def test_a_field_that_has_the_type_already_is_not_told_to_have_it():
    assert "fields:" not in refused(WHOLE, "99999999999", kind=TypeName.INTEGER).hint
