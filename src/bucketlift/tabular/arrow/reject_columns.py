"""The rejects of a block as columns, so that a file full of rejects needs no object for each reject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bucketlift.model.rows import Reject
from bucketlift.tabular.bytes.byte_index import NO_POSITIONS, ByteArray, Flags, Positions
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.types.reason_codes import code_of, texts_of

FieldNumbers = npt.NDArray[np.int32]
NO_FIELD = 0


@dataclass(frozen=True, slots=True)
class RejectColumns:
    """For each reject, the offset of its first byte in the file, the offset after it, its line, and the code
    of its reason.
    """

    begins: Positions
    ends: Positions
    lines: Positions
    reasons: ByteArray
    fields: FieldNumbers
    """The number of the contract's field that the reject concerns, from 1; NO_FIELD if there is none."""

    def __len__(self) -> int:
        return len(self.begins)

    @staticmethod
    def of(rejects: Sequence[Reject]) -> RejectColumns:
        """The columns for rejects that concern no field."""
        begins = np.array([each.offset for each in rejects], np.intp)
        sizes = np.array([len(each.raw) for each in rejects], np.intp)
        lines = np.array([each.line for each in rejects], np.intp)
        reasons = np.array([code_of(each.reason) for each in rejects], np.uint8)
        return RejectColumns(begins, begins + sizes, lines, reasons, np.zeros(len(rejects), np.int32))

    @staticmethod
    def joined(*parts: RejectColumns) -> RejectColumns:
        """The rejects of all parts, in the file's order."""
        filled = [each for each in parts if len(each)]
        if len(filled) < 2:
            return filled[0] if filled else NO_REJECTS
        parted = zip(*(each.columns for each in filled), strict=True)
        whole = RejectColumns(*map(np.concatenate, parted))
        return whole.chosen(np.argsort(whole.begins, kind="stable"))

    def chosen(self, which: Flags | Positions | slice) -> RejectColumns:
        return RejectColumns(*(column[which] for column in self.columns))

    @property
    def columns(self) -> tuple[Any, ...]:
        return (self.begins, self.ends, self.lines, self.reasons, self.fields)

    def pieces(self, most_rows: int, most_bytes: int) -> Iterator[RejectColumns]:
        """Yield the rejects in parts of at most this size. A reject that is larger is a separate part."""
        sizes, begin = np.cumsum(self.ends - self.begins), 0
        while begin < len(self):
            before = int(sizes[begin - 1]) if begin else 0
            fitting = int(np.searchsorted(sizes, before + most_bytes, side="right"))
            end = max(begin + 1, min(fitting, begin + most_rows))
            yield self.chosen(slice(begin, end))
            begin = end

    def arrays(self, data: Bytes, names: pa.Array[Any]) -> list[pa.Array[Any]]:
        """The columns as Arrow arrays. ``names``: null (for no field), then the names of the contract's
        fields.
        """
        return [
            pa.array(self.lines, pa.int64()),
            pa.array(self.begins, pa.int64()),
            self._raw(data),
            texts_of(self.reasons),
            names.take(pa.array(self.fields, pa.int32())),
        ]

    def _raw(self, data: Bytes) -> pa.Array[Any]:
        """The bytes of each reject. Adjacent rejects are copied together."""
        offsets = np.concatenate(([0], np.cumsum(self.ends - self.begins))).astype(np.int64)
        gaps = np.flatnonzero(self.begins[1:] != self.ends[:-1])
        begins, ends = self.begins[[0, *(gaps + 1)]], self.ends[[*gaps, -1]]
        runs = zip(begins.tolist(), ends.tolist(), strict=True)
        raw = b"".join([data[begin:end] for begin, end in runs])
        buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(raw)]
        return pa.Array.from_buffers(pa.large_binary(), len(self), buffers)


NO_REJECTS = RejectColumns(
    NO_POSITIONS, NO_POSITIONS, NO_POSITIONS, np.zeros(0, np.uint8), np.zeros(0, np.int32)
)
