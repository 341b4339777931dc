"""Finds the setting that would turn most rejects of a file into rows. Each file gets one hint for its most
frequent cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from bucketlift.model.contract import Contract
from bucketlift.model.hold import Verdict
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.arrow.staging import open_rejects
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.records import Record
from bucketlift.tabular.decode.escapes import contents
from bucketlift.tabular.header.header import Header, framer_below
from bucketlift.tabular.hints.dialect_fix import breaks_more, dialect_fix
from bucketlift.tabular.hints.field_fix import field_fix

CHECKED = 1000
"""Maximum number of rejects that are checked, from the first one on."""
CHECKED_BYTES = 16 << 20
"""Maximum bytes of the rejects that are checked. The last reject may exceed this limit."""
LONGEST = 1 << 20
"""Maximum bytes of a reject that is checked, because each setting that is tried needs several copies of its
text.
"""
RECORDS = 20_000
"""Number of records whose values are compared with the values of the rejects."""
_EMPTY = "Set `contract: {empty_rows: skip}` to leave out rows without content, or `empty_rows: keep` to load them."
_REPEATED = (
    "Set `contract: {repeated_header: skip}`: page breaks and repeats of the header row are left out, and the "
    "records below them are read."
)
_OF_VALUES = frozenset(
    {
        RejectReason.NOT_AN_INTEGER,
        RejectReason.NOT_A_DECIMAL,
        RejectReason.NOT_A_DATE,
        RejectReason.NOT_A_TIMESTAMP,
        RejectReason.NOT_A_BOOLEAN,
        RejectReason.OUT_OF_RANGE,
        RejectReason.TOO_PRECISE,
        RejectReason.NO_SUCH_TIME,
        RejectReason.AMBIGUOUS_TIME,
    }
)
_BY_REASON = {
    RejectReason.EMPTY_ROW: _EMPTY,
    RejectReason.BLANK_LINE: _EMPTY,
    RejectReason.REPEATED_HEADER: _REPEATED,
    RejectReason.BELOW_SECOND_HEADER: _REPEATED,
    RejectReason.PAGE_BREAK: _REPEATED,
    RejectReason.TRAILING_CONTROLS: (
        "Set `dialect: {trailing_controls: strip}`: control characters at the end of files are left out."
    ),
}


def first_rejects(rejects: Path) -> list[Reject]:
    found, size = list[Reject](), 0
    for each in islice(open_rejects(rejects), CHECKED):
        if len(each.raw) > LONGEST:
            continue
        found.append(each)
        size += len(each.raw)
        if size >= CHECKED_BYTES:
            break
    return found


def hint_by_records(
    rejects: Sequence[Reject], path: Path, contract: Contract, width: int | None
) -> str | None:
    """The setting that reads most of these rejects, found from their reasons and bytes; None if there is
    none.

    A setting that breaks another record in the first part of the file is not suggested.
    """
    words = Counter(_BY_REASON.get(each.reason, "") for each in rejects)
    for hint, count in words.most_common(1):
        if hint and 2 * count > len(rejects):
            return hint
    broken = [each for each in rejects if each.field is None and each.reason not in _BY_REASON]
    if 2 * len(broken) <= len(rejects):
        return None
    found = dialect_fix(broken, contract, width)
    return None if found is None or breaks_more(path, contract, found.dialect) else found.hint


def hint_by_values(
    rejects: Sequence[Reject],
    data: Bytes,
    marks: Marks,
    header: Header,
    contract: Contract,
    verdict: Verdict,
) -> str | None:
    """The field setting that reads most of these rejects; None if there is none.

    A setting that changes a value which the field already reads is not suggested.
    """
    misfits = [each for each in rejects if each.reason in _OF_VALUES]
    fields = Counter(each.field for each in misfits if each.field in contract.names)
    for name, count in fields.most_common(1):
        number = contract.names.index(str(name))
        position = verdict.positions[number]
        if 2 * count <= len(rejects) or position is None:
            return None
        lines = {each.line for each in misfits if each.field == name}
        wrong, right = _values(contents(framer_below(data, marks, header), data, marks), lines, position)
        found = field_fix(contract.fields[number], wrong, right)
        return None if found is None else found.hint
    return None


def _values(framed: Iterable[object], lines: set[int], position: int) -> tuple[list[str], list[str]]:
    """The texts of one column, in two lists: those of the records on these lines, and those of the other
    records.
    """
    wrong, right, last = list[str](), list[str](), max(lines)
    for each in islice(framed, RECORDS):
        if isinstance(each, Record):
            text = each.cells[position].decode("utf-8", "replace")
            (wrong if each.line in lines else right).append(text)
            if each.line > last:
                break
    return wrong, right
