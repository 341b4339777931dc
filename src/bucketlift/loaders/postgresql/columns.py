"""PostgreSQL's names for the types of fields."""

from __future__ import annotations

import re
from typing import assert_never

from bucketlift.loaders.field_types import ANY_SCALE, decimal
from bucketlift.loaders.fit import TableColumn, Types
from bucketlift.model.load import Column
from bucketlift.model.types import TypeName, ValueType

_TEXTS = frozenset({"text", "character varying"})
"""Types that store any text unchanged."""
_FIELD_TYPES = {
    "smallint": ValueType(name=TypeName.INTEGER),
    "integer": ValueType(name=TypeName.INTEGER),
    "bigint": ValueType(name=TypeName.INTEGER),
    "boolean": ValueType(name=TypeName.BOOLEAN),
    "date": ValueType(name=TypeName.DATE),
    "timestamp without time zone": ValueType(name=TypeName.TIMESTAMP),
    "timestamp with time zone": ValueType(name=TypeName.TIMESTAMP, zoned=True),
}
_WIDER = {
    TypeName.INTEGER: frozenset({"numeric"}),
    TypeName.DECIMAL: frozenset({"numeric"}),
}


def type_of(kind: ValueType) -> str:
    """The column type for a field type.

    The name has the same form as in PostgreSQL's ``format_type``, so that both can be compared.
    """
    match kind.name:
        case TypeName.TEXT:
            return "text"
        case TypeName.INTEGER:
            return "bigint"
        case TypeName.DECIMAL:
            return f"numeric({kind.precision},{kind.scale})"
        case TypeName.DATE:
            return "date"
        case TypeName.TIMESTAMP:
            return f"timestamp {'with' if kind.zoned else 'without'} time zone"
        case TypeName.BOOLEAN:
            return "boolean"
        case _:
            assert_never(kind.name)


def field_type(kind: str) -> ValueType | None:
    """The field type whose values a column of this type stores unchanged; None if there is none."""
    if digits := re.fullmatch(r"numeric\((\d+),(\d+)\)", kind):
        return decimal(int(digits[1]), int(digits[2]))
    if kind in {"numeric", "double precision", "real"}:
        return decimal(38, ANY_SCALE)
    return _FIELD_TYPES.get(kind)


TYPES = Types(text="text", of=type_of, line="bigint", lines=frozenset({"bigint", "integer", "numeric"}))


def is_lossless(column: Column, held: TableColumn) -> bool:
    """Whether the table's column stores every value of the field unchanged, so that no check is needed."""
    return (
        held.type in _TEXTS
        or held.type == type_of(column.type)
        or held.type in _WIDER.get(column.type.name, ())
    )
