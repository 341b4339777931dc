"""What a reader made of a polluted file: exact, rejected, refused, or silently wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pollution.case import Case, Fate, Piece
from pollution.tables import Row


class Outcome(StrEnum):
    EXACT = "exact"
    """Every row of the table, and nothing else."""
    REJECTED = "rejected"
    """Rows of the table only; each that is missing is told as a reject."""
    REFUSED = "refused"
    """Nothing was read."""
    WRONG = "silently wrong"
    """A row that the table does not have, or one missing without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a reader gave."""

    rows: tuple[Row, ...] = ()
    lines: tuple[int, ...] | None = None
    """The physical line of each row, where the reader tells."""
    rejects: tuple[tuple[int, int], ...] = ()
    """The bytes of each reject: the first, and the one after the last."""
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    outcome: Outcome
    wrong: tuple[str, ...] = ()
    """Why it is silently wrong, by anybody's rules."""
    broken: tuple[str, ...] = ()
    """What differs from our own rules: a good row rejected, a damaged line without a reject, a refusal or none."""


def judge(case: Case, read: Read) -> Judgement:
    """Rows are taken in order: no row of a table is there twice, so there is one way to find them."""
    if read.refused:
        broken = () if case.refused else ("the file was refused",)
        return Judgement(outcome=Outcome.REFUSED, broken=broken)
    accepted, strange = _accepted(case, read)
    missing = [not got and piece.row is not None for got, piece in zip(accepted, case.pieces, strict=True)]
    lost = [
        f"row {piece.row} is missing without a word"
        for gone, piece, extent in zip(missing, case.pieces, case.extents(), strict=True)
        if gone and not _touched(extent, read.rejects)
    ]
    wrong = (*(f"row {row} is none of the table's" for row in strange), *lost)
    outcome = Outcome.WRONG if wrong else Outcome.REJECTED if any(missing) or read.rejects else Outcome.EXACT
    return Judgement(outcome=outcome, wrong=wrong, broken=tuple(_broken(case, read, accepted)))


def _accepted(case: Case, read: Read) -> tuple[list[bool], list[Row]]:
    """Which pieces came as the rows that they are, and the rows that are none of them."""
    accepted = [False] * len(case.pieces)
    strange, at = [], 0
    for row in read.rows:
        found = next((n for n in range(at, len(accepted)) if case.pieces[n].row == row), None)
        if found is None:
            strange.append(row)
        else:
            accepted[found], at = True, found + 1
    return accepted, strange


def _broken(case: Case, read: Read, accepted: Sequence[bool]) -> list[str]:
    if case.refused:
        return ["the file was not refused"]
    broken = []
    lines = iter(read.lines or ())
    for piece, (begin, end), got in zip(case.pieces, case.extents(), accepted, strict=True):
        line = case.data.count(b"\n", 0, begin) + 1
        if got and read.lines is not None and (told := next(lines, None)) != line:
            broken.append(f"row {piece.row} of line {line} was told to be of line {told}")
        fault = _fault(piece, got=got, begin=begin, end=end, rejects=read.rejects)
        if fault:
            broken.append(f"line {line} {fault}")
    return broken


def _fault(piece: Piece, *, got: bool, begin: int, end: int, rejects: Sequence[tuple[int, int]]) -> str:
    match piece.fate:
        case Fate.ROW if not got:
            return f"is the good row {piece.row}, and was not accepted"
        case Fate.REJECT if got or _bare(piece.data, begin, rejects):
            return "must be a reject to its last byte"
        case Fate.SKIPPED if _touched((begin, end), rejects):
            return "is no record, and was rejected"
        case _:
            return ""


def _touched(extent: tuple[int, int], rejects: Sequence[tuple[int, int]]) -> bool:
    return any(begin < extent[1] and extent[0] < end for begin, end in rejects)


def _bare(data: bytes, begin: int, rejects: Sequence[tuple[int, int]]) -> bool:
    """Whether a line that is not blank is in no reject."""
    for line in data.split(b"\n"):
        blank = line in (b"", b"\r")
        if not blank and not any(first <= begin and begin + len(line) <= last for first, last in rejects):
            return True
        begin += len(line) + 1
    return False
