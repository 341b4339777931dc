"""What any input must bear out: our two ways of reading agree, and with Python's ``csv`` on valid input.

Framing stands beside ``csv`` in strict mode: on input without rejects both must give the same records.

Where the two differ legitimately, and what is done about it:

- Blank lines: ``csv`` gives an empty list, we count them. Both are left out.
- A NUL, and a CR outside quotes that no LF follows: a reject for us, content or a line end for ``csv``. Input
  with a reject is not compared.
- A quote inside an unquoted cell: content for ``csv`` even in strict mode, a reject for us. Not compared.
- A quoted cell that is still open at the end: an error for ``csv`` in strict mode, a reject for us.
- A record of another width than the first: ``csv`` does not mind, for us it is a reject.
- CR, LF, U+2028 and the like inside cells: the same for both, as long as the text is not cut into lines first.
- Bytes that are no UTF-8: ``csv`` reads text. They are not compared; the whole file would be held.
"""

from __future__ import annotations

import csv
import io
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from bucketlift.model.contract import Contract, Dialect, Field
from bucketlift.model.rows import Reading, Reject
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.arrow.staging import open_rejects, open_rows
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.framing import Framer
from bucketlift.tabular.csv.records import Blank, Record
from bucketlift.tabular.read.reading import read_file
from bucketlift.tabular.read.request import ReadRequest
from pollution.writing import Style, line_of

FOLDER = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108
"""Where the files of one input are: in memory, where there is such a place."""

DIALECTS = (Dialect(), Dialect(delimiter="\t"), Dialect(delimiter=";", quote="'"))
REACHES = (1 << 20, 40, 7)
LONGEST = (128 << 20, 200)


class Disagreement(AssertionError):
    """Bytes that were framed in a way that they must not be."""


def compare(data: bytes, *, dialect: Dialect, width: int, reach: int, longest: int) -> bool:
    """Frame bytes as what stands below a header; whether ``csv`` had a say.

    Raises:
        Disagreement: a byte got lost, a line number is wrong, or ``csv`` reads valid input differently.
    """
    framer = Framer(data, Marks.of(dialect), width=width, at=0, line=1, reach=reach, longest=longest)
    records, rejects, at = [], 0, 0
    for each in framer:
        end = each.offset + len(each.raw) if isinstance(each, Reject) else each.end
        if each.offset != at or each.line != data.count(b"\n", 0, at) + 1 or end <= at:
            raise Disagreement(f"something got lost at byte {at}")
        if isinstance(each, Record):
            records.append(each.cells)
        at, rejects = end, rejects + (not isinstance(each, Record | Blank))
    if at != len(data):
        raise Disagreement(f"the end was not reached: {at} of {len(data)}")
    if rejects:
        return False
    return _same_as_csv(data, records, dialect)


_NOT_KEPT = dict.fromkeys(map(ord, "\0\ufeff"))


def compare_valid(body: bytes, *, dialect: Dialect, width: int) -> None:
    """Write what these bytes give as cells, cut at 0xFF, as a legal file, which must come back.

    Raises:
        Disagreement: it does not.
    """
    cells = [cell.decode(errors="ignore").translate(_NOT_KEPT) for cell in body.split(b"\xff")]
    rows = [cells[at : at + width] for at in range(0, len(cells) - width + 1, width)]
    style = Style(delimiter=dialect.delimiter, quote=dialect.quote or '"', end=("\n", "\r\n")[len(body) % 2])
    data = b"".join(line_of(row, style) for row in rows)
    framer = Framer(data, Marks.of(dialect), width=width, at=0, line=1)
    records = [each.cells for each in framer if isinstance(each, Record)]
    if records != [[cell.encode() for cell in row] for row in rows]:
        raise Disagreement("what was legally written did not come back")
    if not _same_as_csv(data, records, dialect):
        raise Disagreement("csv had no say about what was legally written")


def _same_as_csv(data: bytes, records: list[list[bytes]], dialect: Dialect) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    if "\ufeff" in text:
        return False  # it is left out before a record, and csv keeps it
    csv.field_size_limit(1 << 30)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True
    )
    try:
        theirs = [[cell.encode() for cell in row] for row in reader if row]
    except csv.Error as error:
        raise Disagreement(f"csv refuses what has no reject: {error}") from error
    if theirs != records:
        raise Disagreement("csv reads other records")
    return True


Outcome = tuple[Reading, list[dict[str, object]], list[Reject]]


def compare_ways(body: bytes, *, block_bytes: int, width: int) -> None:
    """Read a file with this below its header by blocks, and record by record.

    Raises:
        Disagreement: they do not come to the same.
    """
    names = [f"c{number}" for number in range(width)]
    contract = Contract(fields=tuple(Field(name=name) for name in names))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=FOLDER)))
        # A contradiction within the quick way must show here; elsewhere the exact way takes over.
        stack.enter_context(patch("bucketlift.tabular.read.strategy.CONTRADICTIONS", ()))
        path = folder / "file"
        path.write_bytes(",".join(names).encode() + b"\n" + body)
        if _read(path, contract, block_bytes) != _read(path, contract, 0):
            raise Disagreement(f"blocks of {block_bytes} bytes are read differently")


def _read(path: Path, contract: Contract, block_bytes: int) -> Outcome:
    staged, rejects = path.with_name("rows"), path.with_name("rejects")
    reading = read_file(
        path,
        ReadRequest(
            contract=contract,
            staged=staged,
            rejects=rejects,
            max_rejected=RejectLimit(),
            block_bytes=block_bytes,
        ),
    )
    if reading.hold is not None:
        return reading, [], []
    with open_rows(staged) as stream:
        rows = [row for batch in stream for row in batch.to_pylist()]
    return reading, rows, list(open_rejects(rejects))
