"""Numbers for the reasons of rejects, so that one small array contains the reasons of many records."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from bucketlift.model.rows import RejectReason
from bucketlift.tabular.bytes.byte_index import ByteArray
from bucketlift.tabular.types.computing import compute

NO_REASON = 0
_TEXTS = pa.array([None, *(reason.value for reason in RejectReason)], pa.string())
_CODES = {reason: code for code, reason in enumerate(RejectReason, start=1)}


def code_of(reason: RejectReason) -> int:
    """The number of the reason, from 1."""
    return _CODES[reason]


def codes_of(texts: pa.Array[Any]) -> ByteArray:
    """The number of each reason; NO_REASON for null."""
    return compute.index_in(texts, value_set=_TEXTS).to_numpy().astype(np.uint8)  # type: ignore[no-any-return]


def texts_of(codes: ByteArray) -> pa.Array[Any]:
    return _TEXTS.take(pa.array(codes, pa.uint8()))
