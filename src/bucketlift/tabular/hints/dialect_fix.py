"""Finds the dialect setting with which broken records can be read, by reading the same bytes again with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, Escapes, LineEnd
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.charsets import charset
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, Marks
from bucketlift.tabular.csv.framing import Framer
from bucketlift.tabular.csv.records import Framed, Record
from bucketlift.tabular.decode.escapes import contents
from bucketlift.tabular.decode.rewriting import Rewriting
from bucketlift.tabular.header.beginning import find_table_start
from bucketlift.tabular.header.header import Header, framer_below
from bucketlift.tabular.header.sample_place import sample_table

HEAD_BYTES = 1 << 20
"""Number of bytes at the start of a file with which a setting is tried."""
FIRST = 1000
"""Maximum number of rejects that are checked."""
_FRAMING = frozenset(
    {
        RejectReason.WIDTH,
        RejectReason.BARE_QUOTE,
        RejectReason.UNTERMINATED_QUOTE,
        RejectReason.INSIDE_BROKEN_RECORD,
        RejectReason.LONE_CR,
        RejectReason.OTHER_LINE_END,
        RejectReason.BAD_ESCAPE,
        RejectReason.NUL,
    }
)
_ESCAPED = re.compile(rb"\\[bfnrtv0Z\\\t\n]")
_NULL_CELL = re.compile(rb"(?:^|\t)\\N(?=\t|\r?$)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectFix:
    """A dialect setting, as it is written in a workflow file, and the dialect that has this setting."""

    setting: str
    dialect: Dialect

    @property
    def hint(self) -> str:
        return f"Set `dialect: {{{self.setting}}}`. Then these rows are read."


def dialect_fix(rejects: Sequence[Reject], contract: Contract, width: int | None = None) -> DialectFix | None:
    """The dialect setting that turns these rejects into records; None if there is none.

    ``width`` is the file's number of columns, if this differs from the number of the contract's fields.
    """
    broken = [each for each in rejects[:FIRST] if each.reason in _FRAMING]
    if not broken:
        return None
    dialect, columns = contract.dialect, width or len(contract.fields)
    text = _text(b"".join(each.raw for each in broken), dialect.encoding)
    found = (each for each in _fixes(text, dialect) if _reads_records(text, each.dialect, columns))
    return next(found, None)


def header_fix(path: Path, contract: Contract, hold: Hold) -> DialectFix | None:
    """The dialect setting with which a broken header is valid and the first part of the file has no broken
    record; None if there is none.
    """
    return _fix_of(path, contract.dialect, hold, lambda text, dialect: _reads_file(text, contract, dialect))


def sample_fix(path: Path, dialect: Dialect, hold: Hold) -> DialectFix | None:
    """The dialect setting as in ``header_fix``, for a file whose own header gives the fields."""
    return _fix_of(path, dialect, hold, _reads_table)


def _fix_of(
    path: Path, dialect: Dialect, hold: Hold, reads: Callable[[str, Dialect], bool]
) -> DialectFix | None:
    if hold.reason is not HeldReason.BROKEN_HEADER:
        return None
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    text = _text(head, dialect.encoding)
    return next((each for each in _fixes(text, dialect) if reads(text, each.dialect)), None)


def with_fix(hold: Hold, found: DialectFix | None) -> Hold:
    return (
        hold
        if found is None
        else replace(hold, hint=f"Set `dialect: {{{found.setting}}}`. Then this file can be read.")
    )


def doubtful_escapes(data: Bytes, contract: Contract) -> Hold | None:
    """The hold for a file whose null word or last line shows that its backslashes are escapes, if the task
    has no escape; otherwise None.
    """
    dialect = contract.dialect
    if dialect.escape is not None or dialect.escapes is not Escapes.STRICT:
        return None
    ends = re.search(rb"(?:^|\n)\\\.\r?\n?$", data[max(0, len(data) - 8) :]) is not None
    if not (may_have_escapes(contract) or (dialect.quote is None and (ends or _NULL_CELL.search(data)))):
        return None
    found = _ESCAPED.search(data)
    if found is None:
        return None
    header = ", header: true" if dialect.header else ""
    return Hold(
        reason=HeldReason.DOUBTFUL_ESCAPES,
        what="Backslashes in this file look like escapes, but the task reads them as content",
        hint=f"Set `dialect: {{preset: postgresql{header}}}` for a file of COPY, `preset: mysql` for one of SELECT INTO "
        "OUTFILE, or `escapes: none` if backslashes are content. For this file alone: accept it.",
    )


def may_have_escapes(contract: Contract) -> bool:
    """Whether the task has a setting that is used only for files with escapes."""
    words = {word for field in contract.fields for word in field.null_words}
    return "\\N" in words or "\\." in contract.dialect.footer


def _text(raw: bytes, encoding: str) -> str:
    name = charset(encoding).name
    if name in ("utf-16", "utf-32"):
        name += "-le" if raw[1:2] == b"\0" or raw[:2] == b"\xff\xfe" else "-be"
    return raw.decode(name, "replace")


def _fixes(text: str, dialect: Dialect) -> Iterator[DialectFix]:
    """Yield the dialect settings that may read this text, because the text contains a sign of them (for
    example a NUL for `trailing_nul`).
    """
    quote = dialect.quote or '"'
    changes: list[tuple[str, bool, Callable[[], Dialect]]] = [
        ("trailing_nul: strip", "\0" in text, lambda: replace(dialect, trailing_nul=True)),
        (
            "line_end: cr",
            "\r" in text and "\n" not in text,
            lambda: replace(dialect, line_end=LineEnd.CR),
        ),
        (
            "line_end: crcrlf",
            "\r\r\n" in text,
            lambda: replace(dialect, line_end=LineEnd.CRCRLF),
        ),
        (
            "quoted_lines: true",
            re.search(f"^{re.escape(quote)}.*{re.escape(quote)}\r?$", text, re.MULTILINE) is not None,
            lambda: replace(dialect, quoted_lines=True),
        ),
        ("formula_guard: strip", f"={quote}" in text, lambda: replace(dialect, formula_guard=True)),
        (
            "blank_around_quotes: accept",
            re.search(f"[ \t]{re.escape(quote)}|{re.escape(quote)}[ \t]", text) is not None,
            lambda: replace(dialect, blank_around_quotes=True),
        ),
        (
            "trailing_delimiter: accept",
            re.search(f"{re.escape(dialect.delimiter)}(?:\r?\n|\\Z)", text) is not None,
            lambda: replace(dialect, trailing_delimiter=True),
        ),
        ('escape: "\\\\"', f"\\{quote}" in text, lambda: replace(dialect, escape="\\")),
        ('quote: "\'"', "'" in text, lambda: replace(dialect, quote="'")),
        ("quote: “”", "“" in text and "”" in text, lambda: replace(dialect, quote="“”")),
        ("quote: „“", "„" in text and "“" in text, lambda: replace(dialect, quote="„“")),
        ("quote: «»", "«" in text and "»" in text, lambda: replace(dialect, quote="«»")),
    ]
    for setting, shown, changed in changes:
        if shown and (new := changed()) != dialect:
            try:
                Marks.of(new)
            except RequestWrong:
                continue
            yield DialectFix(setting=setting, dialect=new)


def breaks_more(path: Path, contract: Contract, dialect: Dialect) -> bool:
    """Whether the first part of a file has more broken records with this dialect than with the contract's
    dialect.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    text = _text(head, contract.dialect.encoding)
    now, then = _broken(text, contract), _broken(text, replace(contract, dialect=dialect))
    return then is None or (now is not None and then > now)


def _broken(text: str, contract: Contract) -> int | None:
    """The number of broken records; None if the header does not match the contract."""
    data, marks = _whole_lines(text, contract.dialect), Marks.of(contract.dialect)
    begun = find_table_start(data, marks, contract)
    if isinstance(begun, Hold):
        return None
    framed = contents(framer_below(data, marks, begun.header), data, marks)
    return sum(isinstance(each, Reject) for each in framed)


def _scratch(text: str, dialect: Dialect) -> bytes:
    rewriting = Rewriting.of(dialect)
    return (text if rewriting is None else rewriting.whole(text)).encode("utf-8", "surrogateescape")


def _reads_records(text: str, dialect: Dialect, width: int) -> bool:
    data, marks = _scratch(text, dialect), Marks.of(dialect)
    if "\0" in text and not data.strip(CR + LF):
        return width > 1 or not data  # padding alone; a blank line of one column stays a reject
    return _all_records(contents(Framer(data, marks, width=width, at=0, line=1), data, marks))


def _reads_table(text: str, dialect: Dialect) -> bool:
    data, marks = _whole_lines(text, dialect), Marks.of(dialect)
    table = sample_table(data, dialect)
    if isinstance(table, Hold):
        return False
    return _all_records(contents(framer_below(data, marks, table.header), data, marks))


def _whole_lines(text: str, dialect: Dialect) -> bytes:
    data = _scratch(text, dialect)
    return data if len(text) < HEAD_BYTES else data[: data.rfind(b"\n") + 1]


def _reads_file(text: str, contract: Contract, dialect: Dialect) -> bool:
    data, marks = _whole_lines(text, dialect), Marks.of(dialect)
    begun = find_table_start(data, marks, replace(contract, dialect=dialect))
    if isinstance(begun, Hold):
        return False
    header: Header = begun.header
    return _all_records(contents(framer_below(data, marks, header), data, marks))


def _all_records(framed: Iterable[Framed]) -> bool:
    found = list(framed)
    return any(isinstance(each, Record) for each in found) and not any(
        isinstance(each, Reject) for each in found
    )
