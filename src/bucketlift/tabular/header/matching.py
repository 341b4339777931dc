"""Finds for each field of a contract the column of a header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bucketlift.model.contract import Contract
from bucketlift.tabular.header.header import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The columns of a header and the fields of a contract. Columns are numbered from 0."""

    header: Sequence[str]
    blank: tuple[int, ...]
    twice: tuple[int, ...]
    """The numbers of columns whose name, or an alias of it, occurs more than once."""
    found: dict[str, int]
    """For each field that the file has, the number of its first column."""
    missing: list[str]
    extra: list[str]

    @staticmethod
    def of(contract: Contract, header: Sequence[str]) -> Match:
        fields = {fold(alias): each.name for each in contract.fields for alias in each.aliases}
        fields |= {fold(name): name for name in contract.names}
        named = [number for number, name in enumerate(header) if name.strip()]
        meant = {number: fields.get(fold(header[number]), fold(header[number])) for number in named}
        counts = Counter(meant.values())
        found: dict[str, int] = {}
        for number, name in meant.items():
            if fold(header[number]) in fields:
                found.setdefault(name, number)
        return Match(
            header=header,
            blank=tuple(number for number, name in enumerate(header) if not name.strip()),
            twice=tuple(number for number, name in meant.items() if counts[name] > 1),
            found=found,
            missing=[name for name in contract.names if name not in found],
            extra=[header[number] for number in named if fold(header[number]) not in fields],
        )
