"""The data: an export of employees in bulk, with the quoting that real ones have."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path

FIELDS = ("UniqueID", "FirstName", "LastName", "Email", "Department", "Location", "Hired", "Note")
HEADER = ",".join(FIELDS) + "\n"
SEED = 20_261_101
FORM = 1
"""Of the data that is kept: count it up when these rows become others."""
REPEATED_MB = 1_000
"""What a file of several times as many MB is made of."""
CHUNK = 50_000
"""Rows made at once."""
DIRT = 1_000
"""One row in so many is bad, where dirt is asked for."""

_FIRST = "Ada Bo Chidi Dolores Emre Fatima Goran Hana Ines João Kofi Lena Mei Noor Olga Pavel Quinn Rosa Søren Tama"
_LAST = "Abara Berg Costa Diaz Eze Fischer García Haddad Ito Jensen Kowalski Lund Müller Nwosu Okafor Pham Reyes Silva"
_DEPARTMENTS = (
    "Finance",
    "People",
    "Support",
    "Engineering",
    "Field operations",
    "Research",
    "Legal",
    "Sales",
)
_TOWNS = ("Provo", "Dublin", "Kraków", "Lagos", "Osaka", "Montréal", "Denver", "Porto")
_WORDS = (
    "on",
    "leave",
    "until",
    "spring",
    "works",
    "from",
    "home",
    "shares",
    "desk",
    "mentor",
    "of",
    "newcomers",
)
_NAMES, _TAILS = 9_973, 10_007
"""Both prime, so that the pairs repeat after a hundred million rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """A file, or a folder of files, and what is in it."""

    path: Path
    files: int
    bytes: int
    rows: int
    bad: int = 0


def one_file(folder: Path, megabytes: int, *, dirty: bool = False) -> Data:
    """A file of at least so many MB (10^6 bytes); made once per folder.

    Of several GB, the rows of one GB follow each other again and again: making each anew takes too long.
    """
    name = f"employees-{megabytes}mb{'-dirty' * dirty}"
    path = folder / name / "employees.csv"
    if found := _known(folder, name):
        return found
    times, rest = divmod(megabytes, REPEATED_MB)
    if times > 1 and not rest:
        return _kept(folder, name, _repeated(path, one_file(folder, REPEATED_MB, dirty=dirty), times))
    return _kept(folder, name, _written(path, megabytes * 10**6, dirty=dirty))


def small_files(folder: Path, files: int, *, each: int = 10_000) -> Data:
    """A folder of files of ``each`` bytes or a row more, no two alike; made once per folder."""
    name = f"small-{files}x{each}"
    return _known(folder, name) or _kept(folder, name, _written_small(folder / name, files, each))


def sample(folder: Path) -> Path:
    """The header and two rows: what contracts are taken from."""
    path = folder / "sample.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + "".join(_Rows().some(0, 2)), encoding="utf-8")
    return path


class _Rows:
    def __init__(self) -> None:
        chance = random.Random(SEED)  # noqa: S311 - sample data, the same each time
        self._names = [_name(chance) for _ in range(_NAMES)]
        self._tails = [_tail(chance, place) for place in range(_TAILS)]

    def some(self, start: int, count: int) -> list[str]:
        names, tails = self._names, self._tails
        return [
            f"{row:09d},{names[row % _NAMES]}{row}@example.com,{tails[row % _TAILS]}\n"
            for row in range(start, start + count)
        ]

    def dirty(self, start: int, count: int) -> list[str]:
        rows = self.some(start, count)
        for row in range(start + (DIRT // 2 - start) % DIRT, start + count, DIRT):
            rows[row - start] = _broken(row, rows[row - start])
        return rows


def _name(chance: random.Random) -> str:
    first, last = chance.choice(_FIRST.split()), chance.choice(_LAST.split())
    return f"{first},{last},{first}.{last}.".lower() if chance.random() < 0.02 else f"{first},{last},{first}."


def _tail(chance: random.Random, place: int) -> str:
    """A tenth with a quoted comma, a hundredth with a quoted newline and doubled quotes."""
    town = chance.choice(_TOWNS)
    where = f'"{town}, building {chance.randint(1, 9)}"' if place % 10 == 0 else town
    hired = f"{chance.randint(1990, 2026)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    note = " ".join(chance.choices(_WORDS, k=4))
    if place % 100 == 5:
        note = f'"Said ""{note}"",\nthen signed"'
    return f"{chance.choice(_DEPARTMENTS)},{where},{hired},{note}"


def _broken(row: int, good: str) -> str:
    """Too few fields, too many, or quotes within a bare field, in turn.

    Each costs itself only: after a quote that never closes, the rows to the next one would be rejects too.
    """
    match row // DIRT % 3:
        case 0:
            return f"{row:09d},too,few\n"
        case 1:
            return f"{good[:-1]},one,more\n"
        case _:
            return f'{row:09d},Quo "ted",wrongly,x@example.com,Legal,Porto,2020-01-01,\n'


def _written(path: Path, size: int, *, dirty: bool) -> Data:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows, bad = 0, 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        for chunk in _chunks(dirty=dirty):
            left = size - file.tell()
            if len("".join(chunk).encode()) >= left:
                chunk = _first(chunk, left)  # noqa: PLW2901 - the last chunk is shorter
            file.write("".join(chunk))
            bad += sum(dirty and row % DIRT == DIRT // 2 for row in range(rows, rows + len(chunk)))
            rows += len(chunk)
            if file.tell() >= size:
                break
    return Data(path=path, files=1, bytes=path.stat().st_size, rows=rows - bad, bad=bad)


def _repeated(path: Path, once: Data, times: int) -> Data:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(HEADER.encode())
        for _ in range(times):
            with once.path.open("rb") as source:
                source.seek(len(HEADER))
                shutil.copyfileobj(source, file, 1 << 20)
    size = path.stat().st_size
    return Data(path=path, files=1, bytes=size, rows=once.rows * times, bad=once.bad * times)


def _first(lines: list[str], size: int) -> list[str]:
    """So many that they have at least this size together."""
    sizes = accumulate(len(line.encode()) for line in lines)
    return lines[: next(taken for taken, so_far in enumerate(sizes, 1) if so_far >= size)]


def _chunks(*, dirty: bool) -> Iterator[list[str]]:
    rows, start = _Rows(), 0
    while True:
        yield rows.dirty(start, CHUNK) if dirty else rows.some(start, CHUNK)
        start += CHUNK


def _written_small(folder: Path, files: int, each: int) -> Data:
    folder.mkdir(parents=True, exist_ok=True)
    rows, size = _Rows(), 0
    count = -(-each // (len("".join(rows.some(0, 1_000)).encode()) // 1_000))
    for number in range(files):
        body = (HEADER + "".join(rows.some(number * count, count))).encode()
        (folder / f"employees-{number:06d}.csv").write_bytes(body)
        size += len(body)
    return Data(path=folder, files=files, bytes=size, rows=files * count)


def _known(folder: Path, name: str) -> Data | None:
    note = folder / f"{name}.json"
    if not note.exists():
        return None
    told = json.loads(note.read_text())
    return Data(**{**told, "path": folder / told["path"]})


def _kept(folder: Path, name: str, data: Data) -> Data:
    """The note is written last, so a generation that broke off is done again."""
    told = {**asdict(data), "path": str(data.path.relative_to(folder))}
    (folder / f"{name}.json").write_text(json.dumps(told))
    return data
