"""Random tables, written in a random legal style and read back. ``python -m pollution.round_trip [TABLES [SEED]]``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

from bucketlift.model.contract import Contract, Dialect, Field, Policies, Policy
from bucketlift.model.rows import SOURCE_LINE
from bucketlift.model.workflow import NO_REJECTS
from bucketlift.tabular.arrow.staging import open_rows
from bucketlift.tabular.read.reading import read_file
from bucketlift.tabular.read.request import ReadRequest
from pollution.tables import Row, Table
from pollution.writing import Style, line_of, needs_quotes, quoted

DELIMITERS = ",\t;|:^ \x1f"
QUOTES = "\"'`"
ENDS = ("\n", "\r\n")
MARKS = ("\n", "\r\n", "\r", " ", "\ufeff", "\u2028", "\\", "é", "名", "😀", "a", "1", "0.5", "NULL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A table and one of the files that mean it."""

    table: Table
    delimiter: str
    quote: str
    data: bytes
    lines: tuple[int, ...]
    """On which physical line each row begins."""


def written(random: Random) -> Written:
    """What may be chosen is chosen: marks, line ends, needless quotes, a byte order mark, blank lines, no last end."""
    style = Style(delimiter=random.choice(DELIMITERS), quote=random.choice(QUOTES))
    table = _table(random, style)
    names = line_of(table.names, Style(delimiter=style.delimiter, quote=style.quote))
    data = random.choice((b"", b"\xef\xbb\xbf")) + names.replace(b"\n", random.choice(ENDS).encode())
    lines = []
    for row in table.rows:
        if table.width > 1 and random.random() < 0.05:
            data += random.choice(ENDS).encode()
        lines.append(data.count(b"\n") + 1)
        data += _line(random, row, style)
    if table.rows and random.random() < 0.2:
        data = _without_end(data)
    return Written(table=table, delimiter=style.delimiter, quote=style.quote, data=data, lines=tuple(lines))


def _table(random: Random, style: Style) -> Table:
    width, height = random.choice((1, 2, 2, 3, 5, 17)), random.choice((0, 1, 2, 3, 8, 20))
    marks = (*MARKS, style.delimiter, style.quote, style.quote * 2, style.delimiter + style.quote)
    rows = tuple(tuple(_text(random, marks) for _ in range(width)) for _ in range(height))
    return Table(name="random", names=tuple(f"c{number}" for number in range(width)), rows=rows)


def _text(random: Random, marks: tuple[str, ...]) -> str:
    return "".join(random.choice(marks) for _ in range(random.choice((0, 1, 1, 2, 3, 9))))


def _line(random: Random, row: Row, style: Style) -> bytes:
    """Quoted where it must be, and at will; a byte order mark at the beginning is content only within quotes."""
    cells = [
        quoted(text, style)
        if needs_quotes(text, style) or text.startswith("\ufeff") or random.random() < 0.2
        else text
        for text in row
    ]
    line = style.delimiter.join(cells) or style.quote * 2
    return (line + random.choice(ENDS)).encode()


def _without_end(data: bytes) -> bytes:
    return data.removesuffix(b"\n").removesuffix(b"\r")


def read_back(each: Written, folder: Path) -> tuple[tuple[Row, ...], tuple[int, ...]] | str:
    """The rows and their lines; a text where the file was held."""
    path, staged, rejects = folder / "file", folder / "rows", folder / "rejects"
    path.write_bytes(each.data)
    contract = Contract(
        fields=tuple(Field(name=name) for name in each.table.names),
        dialect=Dialect(delimiter=each.delimiter, quote=each.quote, rows_below_header=0),
        policies=Policies(empty_rows=Policy.KEEP),
    )
    reading = read_file(
        path, ReadRequest(contract=contract, staged=staged, rejects=rejects, max_rejected=NO_REJECTS)
    )
    if reading.hold is not None:
        return reading.hold.what
    with open_rows(staged) as stream:
        records = [record for batch in stream for record in batch.to_pylist()]
    rows = tuple(tuple(record[name] for name in each.table.names) for record in records)
    return rows, tuple(record[SOURCE_LINE] for record in records)


def differences(tables: int, seed: int) -> Iterator[tuple[Written, object]]:
    """Tables that do not come back as they were written, and what came instead."""
    random = Random(seed)  # noqa: S311 - so that a seed makes the same tables again
    with TemporaryDirectory() as folder:
        for _ in range(tables):
            each = written(random)
            back = read_back(each, Path(folder))
            if back != (each.table.rows, each.lines):
                yield each, back


def main(tables: int, seed: int) -> int:
    begun = monotonic()
    for each, back in differences(tables, seed):
        sys.stdout.write(f"seed {seed}: {each.data!r} came back as {back!r}\n")
        return 1
    sys.stdout.write(f"{tables:,} tables came back as they were written, in {monotonic() - begun:.0f} s\n")
    return 0


if __name__ == "__main__":
    counts = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(counts + [100_000, 4180][len(counts) :])))
