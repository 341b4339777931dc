"""Reads the pairs of a value map from a CSV or TSV file of two columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bucketlift.errors import FileHeld, RequestWrong
from bucketlift.model.contract import Contract, Dialect, Field, FileType, Policies, Policy
from bucketlift.tabular.read.local import read_file
from bucketlift.tabular.sample import SampleHeld, read_sample

_TSV = frozenset({".tsv", ".tab", ".txt"})
_COLUMNS = 2
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    pairs: tuple[tuple[str, str], ...]
    """The pairs: each value, and the text that replaces it."""
    header: tuple[str, ...] | None
    """The names of the two columns; None if the file has no header."""


def read_pairs(path: Path, *, header: bool) -> Pairs:
    """Read all pairs, in file order.

    Raises:
        RequestWrong: the file cannot be read exactly, does not have two columns, or contains a value twice.
    """
    kind = FileType.TSV if path.suffix.casefold() in _TSV else FileType.CSV
    dialect = Dialect(
        delimiter=Dialect.of(kind).delimiter,
        header=header,
        header_given=True,
        rows_below_header=0,
        footer_given=True,
    )
    names = _names(path, dialect) if header else ("from", "to")
    contract = Contract(
        fields=tuple(Field(name=name) for name in names),
        dialect=dialect,
        policies=Policies(encoding=Policy.HOLD),
    )
    try:
        found = read_file([path], named=path, contract=contract, max_rejected=0)
    except FileHeld as error:
        raise RequestWrong(error.what, to=error.to, hint=error.hint) from None
    columns = (found.rows.column(name).to_pylist() for name in names)
    pairs = tuple(zip(*columns, strict=True))
    if not pairs:
        raise RequestWrong("The value map has no pairs", to=str(path), hint="Write one line for each value.")
    _check_once(pairs, found.lines.to_pylist(), path)
    return Pairs(pairs=pairs, header=names if header else None)


def _check_once(pairs: Sequence[tuple[str, str]], lines: Sequence[int | None], path: Path) -> None:
    counts = Counter(value for value, _ in pairs)
    repeated = [str(line) for line, (value, _) in zip(lines, pairs, strict=True) if counts[value] > 1]
    if repeated:
        more = f" and {len(repeated) - _SHOWN} more" if len(repeated) > _SHOWN else ""
        raise RequestWrong(
            f"The value map has a value more than once (lines {', '.join(repeated[:_SHOWN])}{more})",
            to=str(path),
            hint="Keep one line for each value.",
        )


def _names(path: Path, dialect: Dialect) -> tuple[str, ...]:
    try:
        sample = read_sample(path, Dialect(delimiter=dialect.delimiter))
    except SampleHeld as error:
        what = error.what.replace("The sample file", "The value map")
        raise RequestWrong(what, to=error.to, hint=error.hint) from None
    except RequestWrong as error:
        raise RequestWrong(
            error.what.replace("sample file", "value map"),
            to=error.to,
            hint=error.hint.replace("sample file", "value map"),
        ) from None
    if sample.doubt is not None:
        hint = "Add a header row, such as from,to, or set `header: false` next to `file`."
        raise RequestWrong(sample.doubt.what, to=str(path), hint=hint)
    names = sample.names
    if len(names) != _COLUMNS:
        raise RequestWrong(
            f"A value map has two columns, and this file has {len(names)}",
            to=str(path),
            hint="The first column is the value, the second one its replacement. The delimiter is a comma, or a tab in "
            "files named .tsv, .tab or .txt.",
        )
    if len({name.strip().casefold() for name in names}) < _COLUMNS or not all(name.strip() for name in names):
        raise RequestWrong(
            "The header row of a value map has two different names",
            to=str(path),
            hint="Write from,to as the first line, or set `header: false` next to `file`.",
        )
    return names
