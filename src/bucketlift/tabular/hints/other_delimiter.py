"""Suggests settings for a file whose records have another delimiter than its header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.records import Broken, whole_record
from bucketlift.tabular.header.header import Header
from bucketlift.tabular.header.separators import NAMES
from bucketlift.tabular.hints.last_lines import records_above
from bucketlift.yaml_text import hint as in_hint


def hint_for_other_delimiter(
    rejects: Sequence[Reject], data: Bytes, marks: Marks, contract: Contract, header: Header
) -> str | None:
    """The hint how to read the records, if all of them have the same other delimiter and none can be read
    with the task's; otherwise None.
    """
    dialect = contract.dialect
    is_plain = dialect.header and header.line == dialect.lines_above + 1
    if not is_plain or any(each.reason is not RejectReason.WIDTH for each in rejects):
        return None
    for mark in NAMES:
        width = _common_width(rejects, dialect, mark) if mark != dialect.delimiter else 1
        if width > 1 and not records_above(data, marks, header, len(data)):
            return _hint(mark, width, dialect, header)
    return None


def _common_width(rejects: Sequence[Reject], dialect: Dialect, mark: str) -> int:
    """The number of cells that every record has with this delimiter; 0 if the numbers differ."""
    try:
        marks = Marks.of(replace(dialect, delimiter=mark))
    except RequestWrong:
        return 0
    found = [whole_record(each.raw, marks, 0, len(each.raw), len(each.raw)) for each in rejects]
    widths = {0 if isinstance(each, Broken) else each.width for each in found}
    return widths.pop() if len(widths) == 1 else 0


def _hint(mark: str, width: int, dialect: Dialect, header: Header) -> str:
    names: Sequence[str] = header.names
    own = ""
    if len(names) != width:
        names, own = [f"column_{number}" for number in range(1, width + 1)], ", with your own names,"
    columns = in_hint({"columns": list(names)})
    settings = in_hint({"dialect": {"delimiter": mark, "header": False, "skip_lines": header.line}})
    usual = NAMES.get(dialect.delimiter, f'"{dialect.delimiter}"')
    return (
        f"The cells of the records are separated by {NAMES[mark]}, and the names in the header by {usual}. Ask the sender "
        f"for files with one delimiter. Or set `{columns}`{own} in place of the sample, and `{settings}`."
    )
