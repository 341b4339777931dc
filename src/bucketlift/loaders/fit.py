"""Finds, for each column of a target, the column of an existing table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.identifiers import quoted
from bucketlift.model.load import Lineage, Target
from bucketlift.model.rows import LOAD_ID, SOURCE_LINE
from bucketlift.model.types import ValueType
from bucketlift.rules.targets import RESERVED, Naming, collisions


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A column of an existing table: its name and type."""

    name: str
    type: str
    required: bool = False
    """Whether the column is NOT NULL without a default, so that every row needs a value."""
    generated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """The destination's names for the types that Bucketlift writes."""

    text: str
    of: Callable[[ValueType], str]
    """Returns the column type that stores every value of a field type unchanged; ``text`` for a text field."""
    line: str
    """The column type for line numbers."""
    lines: frozenset[str]
    """Column types that can store line numbers."""
    drops_not_null: bool = True
    """Whether ALTER TABLE can remove NOT NULL from a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The columns of the table that a load writes."""

    mapped: tuple[TableColumn, ...]
    """The columns of the table for the columns of the target, in the same order."""
    load_id: TableColumn | None
    source_line: TableColumn | None
    kept: tuple[TableColumn, ...] = ()
    """Columns of the table for which there is no field. An update does not change them."""

    @property
    def lineage(self) -> tuple[TableColumn, ...]:
        return tuple(column for column in (self.load_id, self.source_line) if column)


def columns_of_new_table(target: Target, types: Types) -> Fit:
    """The columns of the table that Bucketlift creates for this target."""
    lineage = target.lineage is not Lineage.OFF
    return Fit(
        mapped=tuple(TableColumn(name=column.name, type=types.of(column.type)) for column in target.columns),
        load_id=TableColumn(name=LOAD_ID, type=types.text) if lineage else None,
        source_line=TableColumn(name=SOURCE_LINE, type=types.line) if lineage else None,
    )


def fitted(
    target: Target,
    table: Sequence[TableColumn],
    naming: Naming,
    types: Types,
    *,
    schema: tuple[str, ...] = (),
) -> Fit:
    """Find each of the target's columns in an existing table. The table is never altered.

    Hints contain ``schema`` if the destination has several schemas.

    Raises:
        DestinationRefused: the columns do not fit. The hint contains the ALTER statement.
    """
    by_name = {naming.fold(column.name): column for column in table}
    expected = {column.name: types.of(column.type) for column in target.columns}
    if target.lineage is Lineage.ON:
        expected |= {LOAD_ID: types.text, SOURCE_LINE: types.line}
    named = quoted(*schema, target.table)
    _refuse_missing(
        target, named, {name: expected[name] for name in expected if naming.fold(name) not in by_name}
    )
    mapped = tuple(by_name[naming.fold(column.name)] for column in target.columns)
    load_id = _lineage(target, by_name.get(LOAD_ID), frozenset({types.text}))
    source_line = _lineage(target, by_name.get(SOURCE_LINE), types.lines)
    written = {*mapped, load_id, source_line}
    kept = tuple(column for column in table if column not in written)
    _refuse_generated(target, mapped)
    _refuse_required(target, named, kept, drops_not_null=types.drops_not_null)
    return Fit(
        mapped=mapped,
        load_id=load_id,
        source_line=source_line,
        kept=tuple(column for column in kept if not column.generated),
    )


def refuse_collisions(target: Target, naming: Naming, database: str) -> None:
    lineage = () if target.lineage is Lineage.OFF else RESERVED
    for earlier, later in collisions([*(column.name for column in target.columns), *lineage], naming):
        raise DestinationRefused(
            f"The columns {earlier} and {later} are the same to {database}, which ignores case",
            to=f"table {target.table}",
            hint="Map one of the two fields to another column.",
        )


def load_ids(table: Sequence[TableColumn], naming: Naming, types: Types) -> TableColumn | None:
    """The column that contains the load ID of each row; None if there is none."""
    named = (column for column in table if naming.fold(column.name) == LOAD_ID)
    return next((column for column in named if column.type == types.text), None)


def _lineage(target: Target, column: TableColumn | None, types: frozenset[str]) -> TableColumn | None:
    if column is None or target.lineage is Lineage.OFF:
        return None
    if column.type in types:
        return column
    if target.lineage is Lineage.ON:
        raise DestinationRefused(
            f"The column {column.name} cannot store lineage, because its type is {column.type}",
            to=f"table {target.table}",
            hint="Rename that column, or set `lineage: off`.",
        )
    return None


def _refuse_missing(target: Target, named: str, missing: Mapping[str, str]) -> None:
    if not missing:
        return
    statements = " ".join(
        f"ALTER TABLE {named} ADD COLUMN {quoted(name)} {kind};" for name, kind in missing.items()
    )
    raise DestinationRefused(
        f"The table has no column {', '.join(missing)}",
        to=f"table {target.table}",
        hint=f"Add what is missing with: {statements} Or map the fields to other columns.",
    )


def _refuse_generated(target: Target, mapped: Sequence[TableColumn]) -> None:
    for column in mapped:
        if column.generated:
            raise DestinationRefused(
                f"The column {column.name} is computed by the table and cannot be loaded",
                to=f"table {target.table}",
                hint="Map the field to another column, or leave it out.",
            )


def _refuse_required(
    target: Target, named: str, kept: Sequence[TableColumn], *, drops_not_null: bool
) -> None:
    needed = [column.name for column in kept if column.required]
    if not needed:
        return
    statements = " ".join(
        f"ALTER TABLE {named} ALTER COLUMN {quoted(name)} DROP NOT NULL;" for name in needed
    )
    other = f"allow nulls with: {statements}" if drops_not_null else "recreate the table without NOT NULL."
    raise DestinationRefused(
        f"The table needs a value for {', '.join(needed)}, and no field is mapped to it",
        to=f"table {target.table}",
        hint=f"Map a field to each of these columns, give them a default, or {other}",
    )
