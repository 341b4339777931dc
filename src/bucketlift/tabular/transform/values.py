"""Functions for a column of values: the values as texts in ISO form, and a function applied to each distinct
value.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bucketlift.model.rows import RejectReason
from bucketlift.tabular.types.columns import Values
from bucketlift.tabular.types.computing import compute

Array = Any
"""An Arrow array. Arrow's type stubs cannot express a type that is known only at run time."""


def as_text(values: Array) -> Array:
    """The values as texts: dates and times in ISO 8601, numbers with a decimal point, ``true`` and ``false``."""
    if values.type == pa.string():
        return values
    if pa.types.is_timestamp(values.type):
        return _iso_times(values)
    if pa.types.is_decimal(values.type):
        # Arrow writes small decimals with an exponent.
        return by_distinct(values, _plain, pa.string()).values
    return compute.cast(values, pa.string())


def by_distinct(values: Array, do: Callable[[Any], Any], to: pa.DataType) -> Values:
    """Call a function once for each distinct value that is not null. The function may return a RejectReason."""
    coded = values.dictionary_encode()
    done = [None if each is None else do(each) for each in coded.dictionary.to_pylist()]
    found = pa.array([None if isinstance(each, RejectReason) else each for each in done], to)
    wrong = [each.value if isinstance(each, RejectReason) else None for each in done]
    reasons = pa.array(wrong, pa.string()).take(coded.indices) if any(wrong) else None
    return Values(values=found.take(coded.indices), reasons=reasons)


def rejected(values: Array, wrong: Array, reason: RejectReason) -> Values:
    """The values; null with this reason in each row for which ``wrong`` is true."""
    if not compute.any(wrong).as_py():
        return Values(values=values)
    null = pa.scalar(None, values.type)
    reasons = compute.if_else(wrong, pa.scalar(reason.value), pa.scalar(None, pa.string()))
    return Values(values=compute.if_else(wrong, null, values), reasons=reasons)


def local_times(values: Array) -> Array:
    """The timestamps without a zone. Timestamps with a zone are converted to UTC. Time zone data need not be
    installed.
    """
    return values.cast(pa.int64()).cast(pa.timestamp("us"))


def _iso_times(values: Array) -> Array:
    texts = compute.replace_substring(local_times(values).cast(pa.string()), " ", "T", max_replacements=1)
    texts = compute.replace_substring_regex(texts, r"\.0+\z", "")
    return texts if values.type.tz is None else _with_end(texts, "Z")


def _with_end(texts: Array, end: str) -> Array:
    return compute.binary_join_element_wise(texts, pa.scalar(end), pa.scalar(""))


def _plain(value: Decimal) -> str:
    return f"{value:f}"
