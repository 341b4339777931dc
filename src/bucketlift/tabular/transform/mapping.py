"""Replaces whole values by their replacements in a value map."""

from __future__ import annotations

from typing import assert_never

import pyarrow as pa

from bucketlift.model.rows import RejectReason
from bucketlift.model.transforms.steps import MapValues, Unmapped
from bucketlift.tabular.transform.values import Array, rejected
from bucketlift.tabular.types.columns import Values
from bucketlift.tabular.types.computing import compute


class ValueMap:
    def __init__(self, step: MapValues) -> None:
        self._step = step
        self._from = pa.array([value for value, _ in step.pairs], pa.string())
        self._to = pa.array([value for _, value in step.pairs], pa.string())

    def __call__(self, texts: Array) -> Values:
        places = compute.index_in(texts, value_set=self._from)
        known = places.is_valid()
        mapped = self._to.take(places)
        unknown = compute.and_not(texts.is_valid(), known)
        match self._step.unmapped:
            case Unmapped.KEEP:
                return Values(values=compute.if_else(known, mapped, texts))
            case Unmapped.EMPTY:
                return Values(values=compute.if_else(unknown, pa.scalar(""), mapped))
            case Unmapped.DEFAULT:
                default = pa.scalar(self._step.default, pa.string())
                return Values(values=compute.if_else(unknown, default, mapped))
            case Unmapped.REJECT:
                return rejected(mapped, unknown, RejectReason.UNMAPPED_VALUE)
            case _:
                assert_never(self._step.unmapped)
