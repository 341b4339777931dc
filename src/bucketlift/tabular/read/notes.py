"""Notes on bytes of a file that are neither rows nor rejects, and on cells of which a part was left out."""

from __future__ import annotations

from bucketlift.tabular.read.staged_writer import Tally

_LEFT_OUT = {
    "empty-row": "Empty rows were left out: {}",
    "repeated-header": "Repeats of the header row were left out: {}",
    "page-break": "Lines with a page break only were left out: {}",
    "guards": 'Formula guards (="...") were stripped from cells: {}',
    "blanks": "Quoted cells whose surrounding blanks were left out: {}",
    "trailing": "Extra empty cells at the end of records were left out: {}",
}


def notes_of(tally: Tally) -> tuple[str, ...]:
    """One note with a number for each kind of item that was counted in the file."""
    counts = {text: tally.left_out[kind] for kind, text in _LEFT_OUT.items()} | {
        "Byte order marks inside the file were left out: {}": tally.byte_order_marks,
        "Empty rows were loaded: {}": tally.empty_rows_kept,
        "Quoted null words that were read as null: {}": tally.null_in_quotes,
    }
    return tuple(text.format(count) for text, count in counts.items() if count)
