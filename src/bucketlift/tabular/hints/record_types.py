"""Detects a first and a last record of another kind in files without a header row: ``H;...``, ``D;...``,
``T;...``.
"""

from __future__ import annotations

from bucketlift.model.contract import Contract
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.header.header import Header
from bucketlift.tabular.hints.last_lines import last_lines, records_above
from bucketlift.yaml_text import hint as in_hint

_HEADS = frozenset({"h", "hd", "hdr", "head", "header"})
_TRAILERS = frozenset({"t", "tr", "trl", "tlr", "trailer", "f", "ft", "ftr", "footer", "e", "eof", "z"})
_FIRST_NUMBERS = frozenset({"0", "00", "000", "01", "001"})
_LAST_NUMBERS = frozenset({"9", "99", "999", "90", "900"})
MOST_KINDS = 3
"""Maximum number of kinds of records between the first record and the last record."""


def hold_for_record_types(data: Bytes, marks: Marks, contract: Contract, header: Header) -> Hold | None:
    """The hold for a file in which the first cell of each record is its kind, and the first and the last
    record are of other kinds than all others; otherwise None.
    """
    dialect = contract.dialect
    if dialect.header or dialect.footer or dialect.footer_given:
        return None
    last = next(last_lines(data, marks, header), None)
    if last is None or len(last.cells) != len(header.names) or len(last.cells) < 2:
        return None
    trailer = last.cells[0].strip()
    if trailer.lower() not in _TRAILERS | _LAST_NUMBERS:
        return None
    kinds = [cells[0] for cells in records_above(data, marks, header, last.start)]
    is_headed = not dialect.lines_above
    if not _are_kinds(kinds, trailer, is_headed=is_headed):
        return None
    return Hold(
        reason=HeldReason.DOUBTFUL_FOOTER,
        what=_what(kinds[0], trailer, is_headed=is_headed),
        hint=_hint(trailer, is_headed=is_headed),
    )


def _what(head: str, trailer: str, *, is_headed: bool) -> str:
    if is_headed:
        return (
            f'The first cells of the first record ("{head}") and of the last one ("{trailer}") differ from those of all '
            "other records, as in a header record and a trailer record"
        )
    return f'The first cell of the last record ("{trailer}") differs from those of all other records, as in a trailer record'


def _hint(trailer: str, *, is_headed: bool) -> str:
    if not is_headed:
        footer = in_hint({"dialect": {"footer": [trailer]}})
        return f"If the record is not a row, set `{footer}`. If it is a row, set `dialect: {{footer: []}}`, or accept the file."
    both = in_hint({"dialect": {"skip_lines": 1, "footer": [trailer]}})
    return (
        f"If they are not rows, set `{both}` and `contract: {{preamble: accept}}`. If they are rows, set "
        "`dialect: {footer: []}`, or accept the file."
    )


def _are_kinds(kinds: list[str], trailer: str, *, is_headed: bool) -> bool:
    """Whether the first cells are kinds of records: that of a header, if this record was not skipped, a few
    others, and the trailer.
    """
    head, between = (kinds[0], kinds[1:]) if is_headed and kinds else ("", kinds)
    others = set(between)
    if not others or len(others) > MOST_KINDS or trailer in others or head in others:
        return False
    if trailer.lower() in _TRAILERS:
        return not is_headed or head.lower() in _HEADS
    return len(between) > 1 and len(others) == 1 and (not is_headed or head in _FIRST_NUMBERS)
