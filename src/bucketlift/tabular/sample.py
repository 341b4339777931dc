"""What the sample file of a task says: its fields, and its first rows to show to a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, Field, Hold
from bucketlift.model.rows import LOAD_ID, SOURCE_LINE, RejectReason
from bucketlift.tabular.columns import ColumnReader
from bucketlift.tabular.escapes import unmask
from bucketlift.tabular.header import Header, fold, framer_below, read_header
from bucketlift.tabular.lines import Lines
from bucketlift.tabular.mapped import mapped
from bucketlift.tabular.marks import Marks
from bucketlift.tabular.records import Record
from bucketlift.tabular.transcoding import as_utf8

LOOKED_AT = 100
"""Rows of a sample whose values are tried."""


def sample_fields(path: Path, dialect: Dialect) -> tuple[Field, ...]:
    """The sample's header as fields, to the letter. Whether its first row looks like data is not guessed.

    Raises:
        RequestWrong: there is no such file, it is empty or not UTF-8, or its header row is missing, broken,
            or has a name that is blank, there twice (case and surrounding blanks ignored), or ours.
    """
    with _sample(path, dialect) as (_, header):
        return named_fields(header.names, to=str(path))


def sample_header(path: Path, dialect: Dialect, *, to: str) -> tuple[str, ...]:
    """The names in a file's header row as they stand, whatever they are.

    Raises:
        RequestWrong: the file is empty, or has no header row that can be read.
    """
    try:
        with _sample(path, dialect) as (_, header):
            return tuple(header.names)
    except RequestWrong as error:
        raise RequestWrong(error.what.replace("sample file", "file"), to=to, hint=error.hint) from None


def named_fields(names: Sequence[str], *, to: str) -> tuple[Field, ...]:
    """Fields of these names.

    Raises:
        RequestWrong: see ``sample_fields``.
    """
    _refuse_names(names, to)
    return tuple(Field(name=name) for name in names)


def sample_rows(path: Path, dialect: Dialect, count: int = 2) -> tuple[tuple[str, ...], ...]:
    """The first rows that can be read exactly.

    Raises:
        RequestWrong: see ``sample_fields``; the names themselves are not judged here.
    """
    with _sample(path, dialect) as (records, _):
        return tuple(
            tuple(cell.decode("utf-8") for cell in record.cells) for record in islice(records, count)
        )


def sample_misfits(path: Path, contract: Contract) -> tuple[tuple[int, str, RejectReason], ...]:
    """Of each field the first value in the sample's first rows that is none of its type: line, field, reason.

    Raises:
        RequestWrong: see ``sample_fields``; a field's format or zone cannot be used.
    """
    readers = [(field.name, ColumnReader.of(field)) for field in contract.fields]
    found: dict[str, tuple[int, str, RejectReason]] = {}
    with _sample(path, contract.dialect) as (records, _):
        for record in islice(records, LOOKED_AT):
            for (name, reader), cell in zip(readers, record.cells, strict=True):
                value = reader.cell(cell.decode("utf-8"))
                if isinstance(value, RejectReason):
                    found.setdefault(name, (record.line, name, value))
    return tuple(found.values())


@contextmanager
def _sample(path: Path, dialect: Dialect) -> Iterator[tuple[Iterator[Record], Header]]:
    _refuse_unreadable(path)
    marks = Marks.of(dialect)
    with (
        TemporaryDirectory(prefix="bucketlift-") as folder,
        as_utf8(path, dialect, marks, Path(folder) / "sample") as text,
    ):
        if isinstance(text, Hold):
            raise _wrong(path, text)
        with mapped(text.path) as data:
            header = read_header(data, marks, at=Lines(data, marks).start(dialect.skip_lines))
            if isinstance(header, Hold):
                raise _wrong(path, header)
            framed = unmask(framer_below(data, marks, header), data, marks)
            yield (each for each in framed if isinstance(each, Record)), header


def _refuse_unreadable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        hint = f"Check the path of the sample file ({error.strerror})."
        raise RequestWrong("The sample file cannot be read", to=str(path), hint=hint) from error
    if empty:
        hint = "It must have a header row with the names of the columns."
        raise RequestWrong("The sample file is empty", to=str(path), hint=hint)


def _wrong(path: Path, hold: Hold) -> RequestWrong:
    return RequestWrong(f"The sample file cannot be used. {hold.what}", to=str(path), hint=hold.hint)


def _refuse_names(names: Sequence[str], to: str) -> None:
    counts = Counter(fold(name) for name in names)
    for number, name in enumerate(names, start=1):
        if not name.strip():
            what, hint = f"Column {number} has no name", "Name it, or remove the column."
        elif counts[fold(name)] > 1:
            what = f'Column "{name}" is there more than once'
            hint = "Rename one of them; case and surrounding blanks do not tell columns apart."
        elif fold(name) in (SOURCE_LINE, LOAD_ID):
            what, hint = f'"{name}" is the name of a lineage column of Bucketlift', "Rename the column."
        else:
            continue
        raise RequestWrong(what, to=to, hint=hint)
