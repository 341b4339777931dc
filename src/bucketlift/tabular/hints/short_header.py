"""Suggests settings for the columns of a file whose header has fewer names than its records have cells."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.model.contract import Contract
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.records import Broken, whole_record
from bucketlift.tabular.header.header import Header


def hint_for_short_header(
    rejects: Sequence[Reject], marks: Marks, contract: Contract, header: Header
) -> str | None:
    """The hint how to name the columns, if the header has fewer names than each record has cells; otherwise
    None.
    """
    if not contract.dialect.header or not rejects or header.line != contract.dialect.lines_above + 1:
        return None
    widths = {_width(each, marks) for each in rejects}
    width = widths.pop()
    if widths or width is None or width <= len(header.names):
        return None
    names = ", ".join(f"column_{number}" for number in range(1, width + 1))
    return (
        f"Records have {width} cells, and the header names {len(header.names)} columns. Ask the sender for a header that "
        f"names all of them, or for quotes around values that contain the delimiter. Or name the columns yourself: set `columns: [{names}]`, with your own names, in place of the "
        f"sample, and `dialect: {{header: false, skip_lines: {header.line}}}`."
    )


def _width(reject: Reject, marks: Marks) -> int | None:
    """The number of cells of a record that has more cells than its header. None for other rejects, and if the
    last cell is empty.
    """
    if reject.reason is not RejectReason.WIDTH:
        return None
    found = whole_record(reject.raw, marks, 0, len(reject.raw), len(reject.raw))
    return None if isinstance(found, Broken) or not found.cells[-1].strip() else found.width
