"""Writes rejects as a table for a spreadsheet, and reads the mended table exactly."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

import pyarrow as pa

from bucketlift.errors import RequestWrong
from bucketlift.model.claim import Claim
from bucketlift.model.contract import Contract, Dialect, Field, Policies, Policy
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.mending import MendedRow, Origin
from bucketlift.model.rows import SOURCE_LINE, Reject
from bucketlift.model.workflow import NO_REJECTS
from bucketlift.tabular.arrow.staging import open_rejects, open_rows
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.read.reading import read_file
from bucketlift.tabular.read.request import ReadRequest
from bucketlift.tabular.rejects.guarding import MISSING, guard, unguard
from bucketlift.tabular.rejects.splitting import Cells

LONGEST = 32_767
"""Maximum number of characters in the cell of a spreadsheet; longer texts are cut."""
EXPORT_AGAIN = "Export the rejects again, and change only cells; you can remove rows."
_DELIMITERS = (",", ";", "\t")
_SHOWN = 10
_NO_TEXT = frozenset(
    {HeldReason.EMPTY, HeldReason.NOT_UTF8, HeldReason.WRONG_ENCODING, HeldReason.DOUBTFUL_ENCODING}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The columns of the table: Bucketlift's own columns, and the fields of a contract."""

    line: str
    offset: str
    reason: str
    field: str
    fields: tuple[str, ...]
    text: str
    file: str

    @staticmethod
    def of(fields: Sequence[str]) -> Sheet:
        """The sheet for these fields. If a field has the name of one of Bucketlift's columns, an underscore
        is added to the name of Bucketlift's column.
        """
        taken = {fold(name) for name in fields}
        own = {role: _free(role, taken) for role in ("line", "offset", "reason", "field", "text", "file")}
        return Sheet(fields=tuple(fields), **own)

    @property
    def header(self) -> tuple[str, ...]:
        return (self.line, self.offset, self.reason, self.field, *self.fields, self.text, self.file)

    def write(self, rejects: Iterable[tuple[Reject, Cells, str]], claim: Claim) -> Iterator[str]:
        """Yield the lines of the table, one reject after the other."""
        # A bare id may be all digits, which a spreadsheet rounds as a number.
        file = f"{claim.id} {claim.source.key}".replace("\0", "\ufffd")
        yield _csv([guard(name) for name in self.header])
        for reject, cells, text in rejects:
            known = [_shown(cells[name]) for name in self.fields]
            said = [str(reject.line), str(reject.offset), str(reject.reason), guard(_where(reject))]
            yield _csv([*said, *known, guard(text.replace("\0", "\ufffd")[:LONGEST]), file])

    def read(self, mended: Path, scratch: Path) -> list[MendedRow]:
        """Read the rows of a mended table. Its cells are separated by commas, semicolons or tabs. ``scratch``
        is a folder for temporary files.

        Raises:
            RequestWrong: the table has other columns, or cannot be read exactly.
        """
        staged = self._staged(mended, scratch)
        with open_rows(staged) as rows:
            return [row for batch in rows for row in self._rows(batch)]

    def _staged(self, mended: Path, scratch: Path) -> Path:
        first: Hold | None = None
        # Exports of older versions do not name their file, and people take columns out.
        for names, delimiter in product((self.header, self.header[:-1]), _DELIMITERS):
            contract = Contract(
                fields=tuple(Field(name=guard(name)) for name in names),
                dialect=Dialect(delimiter=delimiter, rows_below_header=0),
                policies=Policies(empty_rows=Policy.SKIP),
            )
            staged, rejects = scratch / "mended.arrow", scratch / "mended.rejects"
            hold = read_file(
                mended,
                ReadRequest(contract=contract, staged=staged, rejects=rejects, max_rejected=NO_REJECTS),
            ).hold
            if hold is None:
                return staged
            if hold.reason is HeldReason.TOO_MANY_REJECTS:
                raise RequestWrong(_unreadable(rejects), to=mended.name, hint=EXPORT_AGAIN)
            if hold.reason in _NO_TEXT:
                raise RequestWrong(hold.what, to=mended.name, hint="Save the mended file as CSV in UTF-8.")
            first = first or hold
        assert first is not None  # noqa: S101 - there are delimiters
        raise RequestWrong(
            f"The mended file has another header: {first.what}", to=mended.name, hint=EXPORT_AGAIN
        )

    def _rows(self, batch: pa.RecordBatch) -> Iterator[MendedRow]:
        for row in batch.to_pylist():
            at = row.pop(SOURCE_LINE)
            yield MendedRow(
                line=_number(row[self.line], self.line, at),
                offset=_number(row[self.offset], self.offset, at),
                cells={name: _mended(row[guard(name)]) for name in self.fields},
                origin=Origin(
                    file=(row.get(self.file) or "").partition(" ")[0] or None,
                    text=unguard(row[self.text]) or None,
                ),
            )


def _where(reject: Reject) -> str:
    """The field of a reject, and the message of the destination that refused the row."""
    return ": ".join(each for each in (reject.field, reject.message) if each)


def _free(name: str, taken: set[str]) -> str:
    while fold(name) in taken:
        name += "_"
    return name


def _csv(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _shown(cell: str | None) -> str:
    return MISSING if cell is None or len(cell) > LONGEST else guard(cell)


def _mended(cell: str) -> str | None:
    return None if cell == MISSING else unguard(cell)


def _number(cell: str, column: str, at: int) -> int:
    if not (cell.isascii() and cell.isdecimal()):
        raise RequestWrong(
            f"Line {at} of the mended file has no number in its column {column}", hint=EXPORT_AGAIN
        )
    return int(cell)


def _unreadable(rejects: Path) -> str:
    found = [f"line {reject.line} ({reject.reason})" for reject in islice(open_rejects(rejects), _SHOWN)]
    return f"Lines of the mended file that cannot be read exactly: {', '.join(found)}"
