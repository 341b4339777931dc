"""Computes the difference of two numbers, or of two dates in whole days, months or years."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pyarrow as pa

from bucketlift.model.rows import RejectReason
from bucketlift.model.transforms.transform import Unit
from bucketlift.model.types import MAX_PRECISION
from bucketlift.tabular.transform.values import Array, local_times, rejected
from bucketlift.tabular.types.columns import Values
from bucketlift.tabular.types.computing import compute

_DAY = 86_400_000_000
"""Number of microseconds in a day."""


def difference(first: Array, second: Array, unit: Unit | None) -> Values:
    """``first`` minus ``second``; null if one of them is null."""
    if unit is None:
        return _of_numbers(first, second)
    ahead, behind = _moments(first), _moments(second)
    if unit is Unit.DAYS:
        # Arrow's division cuts towards zero.
        return Values(values=compute.divide(compute.subtract(_micros(ahead), _micros(behind)), _DAY))
    months = _months(ahead, behind)
    return Values(values=months if unit is Unit.MONTHS else compute.divide(months, 12))


def _moments(values: Array) -> Array:
    if pa.types.is_date(values.type):
        return values.cast(pa.timestamp("us"))
    return local_times(values)


def _micros(moments: Array) -> Array:
    return moments.cast(pa.int64())


def _months(ahead: Array, behind: Array) -> Array:
    """The difference in whole months, positive or negative. The last month counts only if its day and time
    are reached.
    """
    months = compute.subtract(_month_number(ahead), _month_number(behind))
    rest = compute.subtract(_in_month(ahead), _in_month(behind))
    early = compute.and_(compute.greater(months, 0), compute.less(rest, 0))
    late = compute.and_(compute.less(months, 0), compute.greater(rest, 0))
    return compute.add(compute.subtract(months, early.cast(pa.int64())), late.cast(pa.int64()))


def _month_number(moments: Array) -> Array:
    return compute.add(compute.multiply(compute.year(moments), 12), compute.month(moments))


def _in_month(moments: Array) -> Array:
    """For each moment, the number of microseconds since the start of the last day of the previous month."""
    time = compute.subtract(
        _micros(moments), _micros(compute.floor_temporal(moments, unit="day").cast(pa.timestamp("us")))
    )
    return compute.add(compute.multiply(compute.day(moments), _DAY), time)


def _of_numbers(first: Array, second: Array) -> Values:
    if first.type == second.type == pa.int64():
        return _of_integers(first, second)
    one, other = _as_decimal(first), _as_decimal(second)
    scale = max(one.type.scale, other.type.scale)
    whole = max(one.type.precision - one.type.scale, other.type.precision - other.type.scale) + 1
    if whole + scale <= MAX_PRECISION:
        return Values(values=compute.subtract(one, other))
    return _of_long_decimals(one, other, scale)


def _of_long_decimals(first: Array, second: Array, scale: int) -> Values:
    """The differences of decimals with many digits. Arrow's type cannot store all of them, so each is
    computed separately and checked.
    """
    with localcontext(prec=3 * MAX_PRECISION):
        pairs = zip(first.to_pylist(), second.to_pylist(), strict=True)
        found = [None if one is None or other is None else one - other for one, other in pairs]
    limit = Decimal(10) ** (MAX_PRECISION - scale)
    fits = [each is not None and abs(each) < limit for each in found]
    values = [each if fit else None for each, fit in zip(found, fits, strict=True)]
    wrong = [each is not None and not fit for each, fit in zip(found, fits, strict=True)]
    kept = pa.array(values, pa.decimal128(MAX_PRECISION, scale))
    return rejected(kept, pa.array(wrong), RejectReason.OUT_OF_RANGE)


def _as_decimal(values: Array) -> Array:
    return values.cast(pa.decimal128(19, 0)) if values.type == pa.int64() else values


def _of_integers(first: Array, second: Array) -> Values:
    found = compute.subtract(first, second)  # wraps around
    signs = compute.bit_wise_and(compute.bit_wise_xor(first, second), compute.bit_wise_xor(first, found))
    return rejected(found, compute.less(signs, 0), RejectReason.OUT_OF_RANGE)
