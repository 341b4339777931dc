"""Checks that can make a row a reject although it fits the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bucketlift.model.directory.row_check import RowCheck
from bucketlift.model.rows import RefusedRow
from bucketlift.model.transforms.transform import TransformTask


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertKey:
    """The fields that identify a row in an upsert. Two rows of one file must not have the same values in
    these fields.
    """

    fields: tuple[str, ...]
    source: str = ""
    """The ID of the extract task or transform that makes the rows of the upsert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a load requires of each row."""

    check: RowCheck
    source: str = ""
    """The ID of the extract task or transform that makes the rows of the load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChecks:
    """The transforms of an extract task's rows, each after its source, and the conditions of the loads for
    these rows.
    """

    extract: str = ""
    transforms: tuple[TransformTask, ...] = ()
    keys: tuple[UpsertKey, ...] = ()
    demands: tuple[Demand, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    """The rows of one file that a directory has refused."""

    @property
    def are_needed(self) -> bool:
        return bool(self.transforms or self.have_demands)

    @property
    def have_demands(self) -> bool:
        """Whether a row that all transforms accept can still be a reject."""
        return bool(self.keys or self.demands or self.refused)

    def transforms_to(self, source: str) -> tuple[TransformTask, ...]:
        """The transforms, in order, that make the rows of this source."""
        found: list[TransformTask] = []
        for task in reversed(self.transforms):
            if task.id == source:
                found.insert(0, task)
                source = task.source
        return tuple(found)

    @property
    def key_fields(self) -> frozenset[str]:
        """The fields of the contract from which the keys are made. A file without one of these fields is
        held.
        """
        return frozenset(name for key in self.keys for name in self._fields_of(key))

    def _fields_of(self, key: UpsertKey) -> Iterator[str]:
        names = set(key.fields)
        for task in reversed(self.transforms_to(key.source)):
            made = {each.name: each.origin.sources for each in task.fields if each.name in names}
            names = {name for name in names if name not in made}.union(*made.values())
        yield from names


NO_CHECKS = RowChecks()
