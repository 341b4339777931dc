"""Reads a task's sample file: its fields, and its first rows, which are shown to a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, Field, LineEnd, Policy
from bucketlift.model.hold import Hold
from bucketlift.model.rows import LOAD_ID, SOURCE_LINE, Reject, RejectReason
from bucketlift.tabular.bytes.mapped import Bytes, mapped
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.records import Record
from bucketlift.tabular.decode.magic_bytes import HEAD_BYTES, FileFormat, file_format_of
from bucketlift.tabular.decode.transcoding import as_utf8
from bucketlift.tabular.header.doubts import Doubt, doubt_of, doubtful_quotes, doubtful_separator
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.header.lines import Lines
from bucketlift.tabular.header.numbering import numbered
from bucketlift.tabular.header.sample_place import SampleTable, sample_table
from bucketlift.tabular.header.separators import other_separator
from bucketlift.tabular.header.unnamed import refuse_unnamed
from bucketlift.tabular.hints.dialect_fix import DialectFix, sample_fix, with_fix
from bucketlift.tabular.types.columns import ColumnReader

CHECKED = 100
"""Maximum number of rows of a sample whose values are checked."""


_HINT_BLANK = (
    "Name the column, or remove it. If such columns are empty (a delimiter at the end of each line makes one), set "
    "`contract: {blank: ignore}` (on the command line: --contract blank=ignore)."
)


class SampleHeld(RequestWrong):
    """The sample has a problem for which a file would be held."""

    def __init__(self, what: str, *, to: str, hint: str, hold: Hold, fix: DialectFix | None = None) -> None:
        super().__init__(what, to=to, hint=hint)
        self.hold = hold
        self.fix = fix
        """The setting that reads the header; None if none was found."""


class NameRefused(RequestWrong):
    """A name of the header cannot be the name of a field. ``policy``: the key and the word of the contract
    that accept such a header; None if there is none.
    """

    def __init__(self, what: str, *, to: str, hint: str, policy: tuple[str, Policy] | None) -> None:
        super().__init__(what, to=to, hint=hint)
        self.policy = policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The header of a sample, and notes for a person."""

    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """Notes about lines of the sample that were left out."""
    doubt: Doubt | None = None
    """Why the first row is perhaps not a header. None if there is no doubt, or if a setting of the task
    confirms the header.
    """
    line: int = 1
    """The number of the physical line of the header."""


def read_sample(path: Path, dialect: Dialect) -> Sample:
    """Read the header of a sample. A sample has a header even if the task's files have none.

    Raises:
        RequestWrong: the file cannot be read, is empty or not in its encoding, or has a broken header row.
    """
    with _opened(path, dialect) as (data, table):
        if isinstance(table, Hold):
            separator = None if dialect.header_given else other_separator(data, dialect, Lines.begin(data))
            if separator is None or _file_format(data, dialect) is not None:
                raise _unreadable(path, data, dialect, table)
            return Sample(names=(), doubt=doubtful_separator(separator))
        rows = [record.cells for record in islice(table.records(), CHECKED)]
        doubt = doubtful_quotes(table, dialect)
        if doubt is None and not dialect.header_given:
            doubt = doubt_of(table, dialect, rows)
        return Sample(names=table.header.names, notes=table.notes, doubt=doubt, line=table.header.line)


def sample_fields(
    path: Path, dialect: Dialect, duplicate: Policy = Policy.HOLD, blank: Policy = Policy.HOLD
) -> tuple[Field, ...]:
    """The fields that the sample's header names.

    Raises:
        RequestWrong: the sample cannot be read (see ``read_sample``), or its header row looks like data. Or a
        name is blank, reserved, or repeated (ignoring case and surrounding blanks).
    """
    sample = read_sample(path, dialect)
    if sample.doubt is not None:
        raise RequestWrong(sample.doubt.what, to=str(path), hint=sample.doubt.in_file)
    names = named_columns(sample.names, dialect, blank)
    return named_fields(names, to=str(path), duplicate=duplicate)


def named_columns(names: Sequence[str], dialect: Dialect, blank: Policy) -> tuple[str, ...]:
    """The names in a header. Blank names are left out if the policy leaves out columns without a name.

    Nothing is left out if all names are blank, or if the files have no header: without a header, each name
    belongs to the cell at its position.
    """
    filled = tuple(name for name in names if name.strip())
    return filled if blank is Policy.IGNORE and dialect.header and filled else tuple(names)


def sample_header(path: Path, dialect: Dialect, *, to: str) -> tuple[str, ...]:
    """The names in a file's header row. They are not checked.

    Raises:
        RequestWrong: the file is empty, or its header row cannot be read.
    """
    try:
        with _sample(path, dialect) as (_, table):
            return tuple(table.header.names)
    except RequestWrong as error:
        raise RequestWrong(error.what.replace("sample file", "file"), to=to, hint=error.hint) from None


def named_fields(names: Sequence[str], *, to: str, duplicate: Policy = Policy.HOLD) -> tuple[Field, ...]:
    """Fields with these names. With ``Policy.NUMBER``, numbers are added to repeated names.

    Raises:
        RequestWrong: a name is blank, repeated or reserved.
    """
    if duplicate is Policy.NUMBER:
        names = numbered(names)
    _refuse_names(names, to)
    return tuple(Field(name=name) for name in names)


def sample_rows(path: Path, dialect: Dialect, count: int = 2) -> tuple[tuple[str, ...], ...]:
    """The first rows of a sample that can be read exactly. The names are not checked.

    Raises:
        RequestWrong: the sample cannot be read (see ``read_sample``).
    """
    with _sample(path, dialect) as (records, _):
        return tuple(
            tuple(cell.decode("utf-8") for cell in record.cells) for record in islice(records, count)
        )


def sample_rejects(
    path: Path, dialect: Dialect, *, blank: Policy = Policy.HOLD, whole: bool = True
) -> tuple[Reject, ...]:
    """The records among the sample's first ones that cannot be read. If the sample is not ``whole``, a record
    that the end of the sample cuts is not one of them.

    Raises:
        RequestWrong: the sample cannot be read (see ``read_sample``).
    """
    with _opened(path, dialect) as (data, table):
        if isinstance(table, Hold):
            raise _unreadable(path, data, dialect, table)
        leaves_out = blank is Policy.IGNORE and dialect.header
        unnamed = [at for at, name in enumerate(table.header.names) if leaves_out and not name.strip()]
        framed = islice(refuse_unnamed(table.framed(), unnamed, data), CHECKED)
        rejects = [each for each in framed if isinstance(each, Reject)]
        return tuple(each for each in rejects if whole or each.offset + len(each.raw) < len(data))


def sample_misfits(path: Path, contract: Contract) -> tuple[tuple[int, str, RejectReason], ...]:
    """The values in the sample's first rows that do not fit their field's type: line, field, reason. For each
    field, only the first such value is returned.

    Raises:
        RequestWrong: the sample cannot be read (see ``read_sample``), or a field's format or zone cannot be
        used.
    """
    readers = [(field.name, ColumnReader.of(field)) for field in contract.fields]
    found: dict[str, tuple[int, str, RejectReason]] = {}
    with _sample(path, contract.dialect) as (records, table):
        columns = [number for number, name in enumerate(table.header.names) if name.strip()]
        if len(columns) != len(readers):
            columns = list(range(len(readers)))
        for record in islice(records, CHECKED):
            for (name, reader), cell in zip(readers, (record.cells[each] for each in columns), strict=True):
                value = reader.cell(cell.decode("utf-8"))
                if isinstance(value, RejectReason):
                    found.setdefault(name, (record.line, name, value))
    return tuple(found.values())


@contextmanager
def _opened(path: Path, dialect: Dialect) -> Iterator[tuple[Bytes, SampleTable | Hold]]:
    _refuse_unreadable(path)
    Marks.of(dialect)  # refuses an invalid dialect
    with _as_written(path, dialect) as found:
        if isinstance(found, Hold):
            raise _wrong(path, found)
        yield found


@contextmanager
def _as_written(path: Path, dialect: Dialect) -> Iterator[tuple[Bytes, SampleTable | Hold] | Hold]:
    """Open the sample in the task's dialect. If this fails, it is opened with its own line ends or encoding.

    The sample only names the columns, and may come from another program than the files.
    """
    usual = [replace(dialect, line_end=LineEnd.AUTO), replace(dialect, encoding="utf-8")]
    both = replace(dialect, line_end=LineEnd.AUTO, encoding="utf-8")
    for each in (dialect, *(other for other in (*usual, both) if other != dialect)):
        with _text(path, each) as found:
            if not isinstance(found, Hold) and not isinstance(found[1], Hold):
                yield found
                return
    with _text(path, dialect) as found:
        yield found


@contextmanager
def _text(path: Path, dialect: Dialect) -> Iterator[tuple[Bytes, SampleTable | Hold] | Hold]:
    with (
        TemporaryDirectory(prefix="bucketlift-") as folder,
        as_utf8(path, dialect, Path(folder) / "sample") as text,
    ):
        if isinstance(text, Hold):
            yield text
            return
        with mapped(text.path) as data:
            yield data, sample_table(data, dialect)


@contextmanager
def _sample(path: Path, dialect: Dialect) -> Iterator[tuple[Iterator[Record], SampleTable]]:
    with _opened(path, dialect) as (data, table):
        if isinstance(table, Hold):
            raise _unreadable(path, data, dialect, table)
        yield table.records(), table


def _unreadable(path: Path, data: Bytes, dialect: Dialect, hold: Hold) -> SampleHeld:
    """The error with a better explanation: the kind of file if it is not a table, otherwise the setting that
    reads its first line.
    """
    file_format = _file_format(data, dialect)
    if file_format is not None:
        what = f"{hold.what}. The file is {file_format.kind}"
        return _wrong(path, replace(hold, what=what, hint=file_format.hint))
    fix = sample_fix(path, dialect, hold)
    return _wrong(path, with_fix(hold, fix), fix)


def _file_format(data: Bytes, dialect: Dialect) -> FileFormat | None:
    return None if dialect.lines_above else file_format_of(data[:HEAD_BYTES])


def _refuse_unreadable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        hint = f"Check the path of the sample file ({error.strerror})."
        raise RequestWrong("The sample file cannot be read", to=str(path), hint=hint) from error
    if empty:
        hint = "The sample file must have a header row with the names of the columns."
        raise RequestWrong("The sample file is empty", to=str(path), hint=hint)


def _wrong(path: Path, hold: Hold, fix: DialectFix | None = None) -> SampleHeld:
    what = f"The sample file cannot be used. {hold.what}"
    return SampleHeld(what, to=str(path), hint=hold.hint, hold=hold, fix=fix)


def _refuse_names(names: Sequence[str], to: str) -> None:
    counts = Counter(fold(name) for name in names)
    for number, name in enumerate(names, start=1):
        policy: tuple[str, Policy] | None = None
        if not name.strip():
            what, hint = f"Column {number} has no name", _HINT_BLANK
            policy = ("blank", Policy.IGNORE)
        elif counts[fold(name)] > 1:
            what = f'Column "{name}" occurs more than once'
            hint = (
                "Rename one of them, or set `contract: {duplicate: number}` to load both; names that differ only in "
                "case or surrounding blanks are the same name."
            )
            policy = ("duplicate", Policy.NUMBER)
        elif fold(name) in (SOURCE_LINE, LOAD_ID):
            what, hint = f'"{name}" is the name of a lineage column of Bucketlift', "Rename the column."
        else:
            continue
        raise NameRefused(what, to=to, hint=hint, policy=policy)
