"""Computes the values with which a transform's field starts: a source field, several joined fields, a
constant, or a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

import pyarrow as pa

from bucketlift.model.transforms.transform import Constant, Difference, EmptyParts, FromField, Join, Origin
from bucketlift.tabular.transform.differences import difference
from bucketlift.tabular.transform.values import Array, as_text
from bucketlift.tabular.types.columns import Values
from bucketlift.tabular.types.computing import compute


def original(origin: Origin, column: Callable[[str], Array], rows: int) -> Values:
    """The values of the origin. The function ``column`` returns a source field by its name."""
    match origin:
        case FromField(name=name):
            return Values(values=column(name))
        case Join():
            return Values(values=_joined(origin, [as_text(column(name)) for name in origin.names]))
        case Constant(text=text):
            return Values(values=pa.repeat(pa.scalar(text, pa.string()), rows))
        case Difference(first=first, second=second, unit=unit):
            return difference(column(first), column(second), unit)
        case _:
            assert_never(origin)


def _joined(join: Join, parts: list[Array]) -> Array:
    known = parts[0].is_valid()
    for part in parts[1:]:
        known = compute.or_(known, part.is_valid())
    if join.empty is EmptyParts.KEEP:
        filled = [compute.fill_null(part, "") for part in parts]
        texts = compute.binary_join_element_wise(*filled, pa.scalar(join.separator))
    else:
        texts = compute.fill_null(_without_empty(parts, join.separator), "")
    return compute.if_else(known, texts, pa.scalar(None, pa.string()))


def _without_empty(parts: list[Array], separator: str) -> Array:
    """Join the parts that are not empty. Arrow's own function that leaves out nulls loses rows in which all
    parts are null.
    """
    joined = pa.nulls(len(parts[0]), pa.string())
    for each in parts:
        part = compute.if_else(compute.equal(each, ""), pa.scalar(None, pa.string()), each)
        both = compute.binary_join_element_wise(joined, part, pa.scalar(separator))
        joined = compute.coalesce(both, joined, part)
    return joined
