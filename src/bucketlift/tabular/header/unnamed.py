"""Rejects records with a value in a column without a name, if the contract leaves such columns out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.csv.records import Framed, Record


def refuse_unnamed(framed: Iterable[Framed], columns: Sequence[int], data: Bytes) -> Iterator[Framed]:
    """Yield the records; those with a value in one of these columns become rejects.

    A delimiter at the end of the header makes such a column. A record with one delimiter too many would then
    have the right number of cells, with its values in the wrong columns.
    """
    return (_judged(each, columns, data) for each in framed) if columns else iter(framed)


def _judged(each: Framed, columns: Sequence[int], data: Bytes) -> Framed:
    if not isinstance(each, Record) or not any(each.cells[column] for column in columns):
        return each
    raw = data[each.offset : each.end]
    return Reject(line=each.line, offset=each.offset, raw=raw, reason=RejectReason.UNNAMED_CELL)
