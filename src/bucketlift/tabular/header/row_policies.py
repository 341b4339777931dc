"""Applies a contract's policies for empty rows and repeated headers to records."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.model.contract import Policy
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import BOM, Marks, count_boms
from bucketlift.tabular.csv.empty_rows import EmptyRows
from bucketlift.tabular.csv.records import Framed, Record
from bucketlift.tabular.header.header import Header
from bucketlift.tabular.header.repeats import Repeats


@dataclass(kw_only=True)
class RowPolicies:
    data: Bytes
    repeats: Repeats
    empty_rows: EmptyRows
    byte_order_marks: int = 0
    """Number of byte order marks before rows."""

    @staticmethod
    def of(
        header: Header,
        marks: Marks,
        data: Bytes,
        *,
        empty_rows: Policy = Policy.HOLD,
        repeated_header: Policy = Policy.HOLD,
    ) -> RowPolicies:
        return RowPolicies(
            data=data,
            repeats=Repeats.of(header, data, repeated_header),
            empty_rows=EmptyRows(
                policy=empty_rows,
                marks=marks,
                width=len(header.names),
                data=data,
                after_page_breaks=repeated_header is Policy.SKIP,
            ),
        )

    def apply(self, each: Framed) -> Framed:
        """Apply the policies to the next record. Returns it unchanged, as a reject, or as left out."""
        applied = self.empty_rows.apply(self.repeats.apply(each))
        if isinstance(applied, Record) and self.data[applied.offset : applied.offset + len(BOM)] == BOM:
            self.byte_order_marks += count_boms(self.data[applied.offset : applied.end])
        return applied
