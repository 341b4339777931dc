"""The Arrow types of staged columns."""

from __future__ import annotations

from typing import assert_never

import pyarrow as pa

from bucketlift.model.types import TypeName, ValueType


def arrow_type(kind: ValueType) -> pa.DataType:
    match kind.name:
        case TypeName.TEXT:
            return pa.string()
        case TypeName.INTEGER:
            return pa.int64()
        case TypeName.DECIMAL:
            return pa.decimal128(kind.precision, kind.scale)
        case TypeName.DATE:
            return pa.date32()
        case TypeName.TIMESTAMP:
            return pa.timestamp("us", tz="UTC" if kind.zoned else None)
        case TypeName.BOOLEAN:
            return pa.bool_()
        case _:
            assert_never(kind.name)
