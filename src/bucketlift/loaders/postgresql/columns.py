"""What PostgreSQL calls the types of fields."""

from __future__ import annotations

from typing import assert_never

from bucketlift.loaders.fit import TableColumn, Types
from bucketlift.model.load import Column
from bucketlift.model.types import TypeName, ValueType

_TEXTS = frozenset({"text", "character varying"})
"""Columns that take any text as it is."""
_WIDER = {
    TypeName.INTEGER: frozenset({"numeric"}),
    TypeName.DECIMAL: frozenset({"numeric"}),
}


def type_of(kind: ValueType) -> str:
    """As ``format_type`` spells it, so that it can be compared."""
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


TYPES = Types(text="text", of=type_of, line="bigint", lines=frozenset({"bigint", "integer", "numeric"}))


def straight(column: Column, held: TableColumn) -> bool:
    """Whether every value of the field is in the table's column what it was, with nothing to check."""
    return (
        held.type in _TEXTS
        or held.type == type_of(column.type)
        or held.type in _WIDER.get(column.type.name, ())
    )
