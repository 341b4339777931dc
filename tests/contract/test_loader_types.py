"""What every loader promises about typed fields: the value that was staged is the value that stands there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bucketlift.model.load import Column, Lineage, WriteMode
from bucketlift.model.types import TypeName, ValueType
from contract.destinations import a_target, a_typed_file, a_unit, counts

INTEGER = ValueType(name=TypeName.INTEGER)
DATE = ValueType(name=TypeName.DATE)
CLOCK = ValueType(name=TypeName.TIMESTAMP)
MOMENT = ValueType(name=TypeName.TIMESTAMP, zoned=True)
BOOLEAN = ValueType(name=TypeName.BOOLEAN)
MONEY = ValueType(name=TypeName.DECIMAL, precision=12, scale=2)
FINE = ValueType(name=TypeName.DECIMAL, precision=38, scale=10)
HUGE = ValueType(name=TypeName.DECIMAL, precision=38)
TEXT = ValueType()

VALUES: dict[str, tuple[ValueType, list[Any]]] = {
    "text": (TEXT, ["", "007", None]),
    "integer": (INTEGER, [0, -1, 9_007_199_254_740_993, 2**63 - 1, -(2**63), None]),
    "money": (MONEY, [Decimal("1.50"), Decimal("-9999999999.99"), Decimal("0.00"), None]),
    "fine": (
        FINE,
        [Decimal("0.0000000001"), Decimal("0E-10"), Decimal("12345678901234567890.0123456789"), None],
    ),
    "huge": (HUGE, [Decimal(10**38 - 1), Decimal(-7), None]),
    "date": (DATE, [date(2024, 2, 29), date(1, 1, 1), date(9999, 12, 31), None]),
    "clock": (
        CLOCK,
        [
            datetime.fromisoformat("2024-02-29T23:59:59"),
            datetime.fromisoformat("0001-01-01"),
            datetime.fromisoformat("9999-12-31T23:59:59.999999"),
            None,
        ],
    ),
    "moment": (
        MOMENT,
        [datetime(2024, 3, 10, 9, tzinfo=UTC), datetime(1969, 7, 20, 20, 17, 40, 123_456, UTC), None],
    ),
    "boolean": (BOOLEAN, [True, False, None]),
}


def meant(destination, kind, rows):
    return [destination.meant(kind, row["value"]) for row in rows]


@pytest.mark.parametrize("mode", WriteMode)
@pytest.mark.parametrize("name", VALUES)
def test_values_of_every_type_arrive_as_they_were(destination, name, mode):
    kind, values = VALUES[name]
    target = a_target(
        Column(name="row", field="row", type=INTEGER),
        Column(name="value", field="value", type=kind),
        mode=mode,
        key=("row",),
    )

    destination.load(
        a_unit("load-1", target=target),
        a_typed_file({"row": (INTEGER, range(len(values))), "value": (kind, values)}),
    )

    assert meant(destination, kind, destination.table("people")) == values


@pytest.mark.parametrize("name", [name for name in VALUES if name != "text"])
def test_a_typed_value_that_is_the_same_is_left_alone_and_another_is_updated(destination, name):
    kind, (value, other, *_) = VALUES[name]
    target = a_target(
        Column(name="row", field="row", type=INTEGER),
        Column(name="value", field="value", type=kind),
        mode=WriteMode.UPSERT,
        key=("row",),
    )
    destination.load(
        a_unit("load-1", target=target),
        a_typed_file({"row": (INTEGER, [1, 2, 3, 4]), "value": (kind, [value, value, None, None])}),
    )

    receipts = destination.load(
        a_unit("load-2", target=target),
        a_typed_file({"row": (INTEGER, [1, 2, 3, 4]), "value": (kind, [value, other, None, value])}),
    )

    assert counts(receipts) == [("load-2", 0, 2, 2)]
    assert meant(destination, kind, destination.table("people")) == [value, other, None, value]


@pytest.mark.parametrize("name", [name for name in VALUES if name != "boolean"])
def test_keys_of_every_type_meet_by_their_value(destination, name):
    kind, (value, other, *_) = VALUES[name]
    target = a_target(
        Column(name="value", field="value", type=kind),
        "name",
        mode=WriteMode.UPSERT,
        key=("value",),
        lineage=Lineage.AUTO,
    )
    destination.load(
        a_unit("load-1", target=target), a_typed_file({"value": (kind, [value]), "name": (TEXT, ["old"])})
    )

    receipts = destination.load(
        a_unit("load-2", "load-3", target=target),
        a_typed_file({"value": (kind, [value, other]), "name": (TEXT, ["new", "new"])}),
        a_typed_file({"value": (kind, [other]), "name": (TEXT, ["newest"])}),
    )

    assert counts(receipts) == [("load-2", 1, 1, 0), ("load-3", 0, 1, 0)]
    found = {destination.meant(kind, row["value"]): row["name"] for row in destination.table("people")}
    assert found == {value: "new", other: "newest"}
