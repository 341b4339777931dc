"""Reasons to doubt that a file's first row is its header, and for each the setting that removes the doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bucketlift.model.contract import Dialect
from bucketlift.model.hold import HeldReason
from bucketlift.tabular.decode.magic_bytes import HEAD_BYTES, FileFormat, file_format_of
from bucketlift.tabular.header.fixed_width import has_fixed_width
from bucketlift.tabular.header.header_or_data import data_in_header, describe
from bucketlift.tabular.header.line_ends import HINT, hold_for_line_end, other_line_end
from bucketlift.tabular.header.other_quotes import other_quotes, setting_of, what_of
from bucketlift.tabular.header.sample_place import SampleTable
from bucketlift.tabular.header.separators import Separator, other_separator
from bucketlift.tabular.header.titles import header_below

_GIVEN = {"header": True}
MOST_NAMES = 52
"""Maximum number of columns whose names a hint lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a row is perhaps not the header, and what to do about this in a workflow file, on the command line,
    and on the page.
    """

    reason: HeldReason
    what: str
    in_file: str
    on_command: str
    on_page: str
    settings: tuple[Mapping[str, Any], ...] = ()
    """Settings of the dialect that remove the doubt, with the keys of a workflow file. If there are several, a
    person chooses one.
    """


def doubt_of(table: SampleTable, dialect: Dialect, rows: Sequence[Sequence[bytes]]) -> Doubt | None:
    """The doubt about a header that no person has confirmed, from the records below it; None if there is
    none.
    """
    kind = doubtful_kind(table)
    if kind is not None:
        return kind
    header = table.header
    line_end = other_line_end(table.data, dialect, header.offset)
    if line_end is not None:
        return doubtful_line_end(line_end)
    separator = None if table.by_commas else other_separator(table.data, dialect, header.offset)
    if separator is not None:
        return doubtful_separator(separator)
    if len(header.names) == 1 and has_fixed_width(table.data, header.offset):
        return doubtful_width()
    below = None if dialect.lines_above or dialect.borders else header_below(table)
    if below is not None:
        return doubtful_line(header.line, below)
    seen = data_in_header(header.names, [[cell.decode("utf-8") for cell in row] for row in rows])
    if not seen:
        return None
    line, names = header.line, ", ".join(_names(len(header.names)))
    return Doubt(
        reason=HeldReason.DOUBTFUL_HEADER,
        what=f"Line {line} looks like data: {describe(seen)}",
        in_file=(
            f"If files have no header row, set `columns: [{names}]`, with your own names, in place of the sample, and "
            f"`dialect: {{header: false}}`. If line {line} is the header, set `dialect: {{header: true}}`."
            if dialect.header
            else f"Set `columns: [{names}]`, with your own names, in place of the sample."
        ),
        on_command=(
            f"If files have no header row, add --no-header --columns {names.replace(', ', ',')}, with your own "
            f"names. If line {line} is the header, add --header."
        ),
        on_page=(
            "Add a first line with the column names to the sample. If files have no such line, choose under Header: "
            "no header. If this line is the header, choose: every file has a header, even if it looks like data."
        ),
        settings=(_GIVEN,) if dialect.header else (),
    )


def doubtful_quotes(table: SampleTable, dialect: Dialect) -> Doubt | None:
    """The doubt if the names, or all cells of the first records, are in quotes of another kind; otherwise
    None.
    """
    pair = None if table.by_commas else other_quotes(table.data, table.marks, dialect, table.header.offset)
    if pair is None:
        return None
    on_command = f'"{pair}"' if pair == "'" else f"'{pair}'"
    whole = "If these quotes are content,"
    return Doubt(
        reason=HeldReason.DOUBTFUL_QUOTES,
        what=what_of(pair),
        in_file=f"Set `{setting_of(pair)}`. {whole} set `dialect: {{quote: none}}`.",
        on_command=f"Add --quote {on_command}. {whole} add --quote none.",
        on_page=f"Set the quote to {pair}. {whole} set it to none.",
        settings=({"quote": pair}, {"quote": "none"}),
    )


def doubtful_kind(table: SampleTable) -> Doubt | None:
    """The doubt if the file is not a table, although its first line can be read as a header; otherwise None."""
    begin = table.header.offset
    file_format = file_format_of(table.data[begin : begin + HEAD_BYTES])
    if file_format is None:
        return None
    whole = "" if file_format.on_command else " If the file really is a table,"
    header = "every file has a header, even if it looks like data"
    return Doubt(
        reason=HeldReason.NO_HEADER,
        what=f"The file is {file_format.kind}",
        in_file=file_format.hint + (whole and f"{whole} set `dialect: {{header: true}}`."),
        on_command=(file_format.on_command or file_format.hint) + (whole and f"{whole} add --header."),
        on_page=_on_page(file_format) + (whole and f"{whole} choose under Header: {header}."),
        settings=file_format.settings or (_GIVEN,),
    )


def _on_page(file_format: FileFormat) -> str:
    if not file_format.settings:
        return file_format.hint
    delimiter = str(file_format.settings[0]["delimiter"])
    return f"Set the line number of the header to 2, and the delimiter to {'tab' if delimiter == chr(9) else delimiter}."


def doubtful_width() -> Doubt:
    ask, whole = "Ask the sender for files with a delimiter.", "If every file really has one column,"
    return Doubt(
        reason=HeldReason.WRONG_DELIMITER,
        what="The columns have a fixed width, with blanks between them in place of a delimiter",
        in_file=f"{ask} {whole} set `dialect: {{header: true}}`.",
        on_command=f"{ask} {whole} add --header.",
        on_page=f"{ask} {whole} choose under Header: every file has a header, even if it looks like data.",
        settings=(_GIVEN,),
    )


def doubtful_line_end(name: str) -> Doubt:
    hold, content = hold_for_line_end(name), "If it is content,"
    return Doubt(
        reason=hold.reason,
        what=hold.what,
        in_file=hold.hint,
        on_command=f"{HINT} {content} add --line-end lf.",
        on_page=f"{HINT} {content} set the line ending to LF.",
        settings=({"line_end": "lf"},),
    )


def doubtful_line(first: int, below: int) -> Doubt:
    """The doubt that the header is on a later line than the first one."""
    here = f"If line {first} is the header,"
    return Doubt(
        reason=HeldReason.PREAMBLE,
        what=f"Line {first} does not name all columns, and line {below} may be the header",
        in_file=f"If it is, set `dialect: {{header_line: {below}}}`. {here} set `dialect: {{header: true}}`.",
        on_command=f"If it is, add --header-line {below}. {here} add --header.",
        on_page=(
            f"If it is, set the line number of the header to {below}. {here} choose under Header: every "
            "file has a header, even if it looks like data."
        ),
        settings=({"header_line": below}, _GIVEN),
    )


def doubtful_separator(separator: Separator) -> Doubt:
    whole = "If every file really has one column,"
    return Doubt(
        reason=HeldReason.WRONG_DELIMITER,
        what=separator.what,
        in_file=f"Set {separator.in_file}. {whole} set `dialect: {{header: true}}`.",
        on_command=f"Add {separator.on_command}. {whole} add --header.",
        on_page=(
            f"Set {separator.on_page}. {whole} choose under Header: every file has a header, "
            "even if it looks like data."
        ),
        settings=(separator.settings, _GIVEN),
    )


def _names(count: int) -> list[str]:
    """Names for columns like those of a spreadsheet: A, B, C and so on."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names = [*letters, *(f"A{letter}" for letter in letters)]
    return names[:count] if count <= MOST_NAMES else [*names[:3], f"... ({count} names)"]
