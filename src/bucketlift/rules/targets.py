"""Checks whether a destination accepts a target's names, and whether the target matches its source fields."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bucketlift.errors import RequestWrong
from bucketlift.model.load import Target, WriteMode
from bucketlift.model.rows import LOAD_ID, SOURCE_LINE
from bucketlift.rules.nearest import nearest
from bucketlift.yaml_text import hint

RESERVED = (LOAD_ID, SOURCE_LINE)
RECEIPTS = "_bucketlift_loads"
"""The name of the table of receipts if it is in the same schema as the loaded tables."""
_ASCII_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """A destination's rules for names."""

    case_sensitive: bool
    max_bytes: int | None = None
    """Maximum length of a name, in bytes of UTF-8; None if there is no limit."""
    reserved_prefix: str | None = None
    """A prefix with which a table name must not start."""
    system_columns: frozenset[str] = frozenset()
    """Names of columns that the database adds to every table. They cannot be created or loaded."""

    def fold(self, name: str) -> str:
        """The form in which names are compared.

        Two names have the same form if the destination treats them as one name.

        In SQL without case, only ASCII letters ignore case.
        """
        return name if self.case_sensitive else name.translate(_ASCII_FOLD)


NAMINGS = {
    "duckdb": Naming(case_sensitive=False),
    "sqlite": Naming(case_sensitive=False, reserved_prefix="sqlite_"),
    "postgresql": Naming(
        case_sensitive=True,
        max_bytes=63,
        system_columns=frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}),
    ),
}
"""The rules for names by the kind of the destination."""


def check_target(target: Target, fields: Collection[str], naming: Naming) -> None:
    """Refuse an invalid target before anything is loaded.

    Raises:
        RequestWrong: the first problem, with the nearest valid name.
    """
    if not target.columns:
        raise RequestWrong(
            "No field is loaded", to=f"table {target.table}", hint="Map at least one field to a column."
        )
    _check_fields(target, fields)
    _check_key(target, fields)
    _check_names(target)
    _check_lengths(target, naming)
    _check_system_columns(target, naming)
    _check_table(target, naming)
    _check_reserved(target, naming)
    _check_collisions(target, naming)


def collisions(names: Collection[str], naming: Naming) -> Iterator[tuple[str, str]]:
    """Yield the pairs of names that the destination treats as one name, in the order of the names."""
    seen: dict[str, str] = {}
    for name in names:
        folded = naming.fold(name)
        if folded in seen:
            yield seen[folded], name
        seen.setdefault(folded, name)


def _check_fields(target: Target, fields: Collection[str]) -> None:
    for column in target.columns:
        if column.field not in fields:
            raise RequestWrong(
                f"The map names a field that the sample does not have, `{column.field}`",
                to=f"table {target.table}",
                hint=nearest(column.field, fields),
            )


def _check_key(target: Target, fields: Collection[str]) -> None:
    if target.mode is WriteMode.UPSERT and not target.key:
        raise RequestWrong(
            "Upsert needs a key",
            to=f"table {target.table}",
            hint="Name the fields that identify a row, as in `key: [UniqueID]`.",
        )
    mapped = {column.field for column in target.columns}
    for name in target.key:
        if name not in fields:
            raise RequestWrong(
                f"The key names a field that the sample does not have, `{name}`",
                to=f"table {target.table}",
                hint=nearest(name, fields),
            )
        if name not in mapped:
            raise RequestWrong(
                f"The key field `{name}` is not mapped to a column",
                to=f"table {target.table}",
                hint=f"Map `{name}` to a column, or remove it from the key.",
            )


def too_long(target: Target, naming: Naming) -> list[str]:
    """The names of the target, table and columns, that are too long for the destination, in the target's
    order.
    """
    most = naming.max_bytes
    names = (target.table, *(column.name for column in target.columns))
    return [name for name in names if most is not None and _size(name) > most]


def _size(name: str) -> int:
    return len(name.encode("utf-8", "surrogatepass"))


def _check_names(target: Target) -> None:
    for name in (target.table, *(column.name for column in target.columns)):
        if not name or "\0" in name:
            raise RequestWrong(
                "A name is empty or contains a NUL", to=f"`{name}`", hint="Map the field to another."
            )


def _check_lengths(target: Target, naming: Naming) -> None:
    long = too_long(target, naming)
    if long:
        count = "A name is" if len(long) == 1 else f"{len(long):,} names are"
        raise RequestWrong(
            f"{count} longer than the destination allows ({naming.max_bytes} bytes)",
            to=", ".join(f"`{name}` ({_size(name):,} bytes)" for name in long),
            hint=shorter_names(target, long),
        )


def shorter_names(target: Target, long: Collection[str]) -> str:
    """The hint for names that are too long: one sentence for the table, one for the columns."""
    field = next((column.field for column in target.columns if column.name in long), None)
    hints = ["Give the table a shorter name."] if target.table in long else []
    if field is not None:
        hints.append(
            f"Map each field to a column with a shorter name: `{hint({'map': {field: ['short_name']}})}`."
        )
    return " ".join(hints)


def _check_system_columns(target: Target, naming: Naming) -> None:
    for column in target.columns:
        if naming.fold(column.name) in naming.system_columns:
            raise RequestWrong(
                f"Every table already has a system column `{column.name}`, which cannot be loaded",
                to=f"table {target.table}",
                hint=f"Map the field to another column: `{hint({'map': {column.field: [column.name + '_']}})}`.",
            )


def _check_table(target: Target, naming: Naming) -> None:
    folded = naming.fold(target.table)
    prefix = naming.reserved_prefix
    if folded == RECEIPTS or (prefix is not None and folded.startswith(prefix)):
        whose = "Bucketlift's receipts" if folded == RECEIPTS else "the database itself"
        raise RequestWrong(
            f"The table's name is reserved for {whose}",
            to=f"table {target.table}",
            hint="Load into a table of another name.",
        )


def _check_reserved(target: Target, naming: Naming) -> None:
    taken = {naming.fold(name) for name in RESERVED}
    for column in target.columns:
        if naming.fold(column.name) in taken or column.field == SOURCE_LINE:
            raise RequestWrong(
                f"The name `{column.name}` is reserved for lineage",
                to=f"table {target.table}",
                hint=f"Map `{column.field}` to another column, or leave it out with `{column.field}: []`.",
            )


def _check_collisions(target: Target, naming: Naming) -> None:
    for earlier, later in collisions([column.name for column in target.columns], naming):
        same = "twice" if earlier == later else f"and `{earlier}`, which the destination treats as the same"
        raise RequestWrong(
            f"Two fields are mapped to one column: `{later}` {same}",
            to=f"table {target.table}",
            hint="Map one of the two fields to another column.",
        )
