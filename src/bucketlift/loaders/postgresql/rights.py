"""Checks the rights of the database user on a target's table."""

from __future__ import annotations

from collections.abc import Collection

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.fit import Fit
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.postgresql.tables import Table
from bucketlift.model.load import Target, WriteMode


def require_rights(schema: str, target: Target, table: Table, fit: Fit) -> None:
    """Check the rights before any row is sent, so that a missing right is never reported as an error of the
    file.

    Raises:
        DestinationRefused: a right is missing; the error names all missing rights.
    """
    written = {column.name for column in (*fit.mapped, *fit.lineage)}
    changed = written - set(target.key_columns)
    missing = [] if written <= table.insertable else ["INSERT"]
    if target.mode is WriteMode.UPSERT:
        missing += [] if table.selectable else ["SELECT"]
        missing += [] if changed <= table.updatable else ["UPDATE"]
    elif target.mode is WriteMode.REPLACE:
        # Needed to check that no trigger or rule kept the former rows.
        missing += ["SELECT"] if table.guarded and not table.selectable else []
        missing += [] if table.deletable else ["DELETE"]
    if missing:
        raise lacking(missing, schema, target.table)
    if table.hides_rows and target.mode is not WriteMode.APPEND:
        raise DestinationRefused(
            f"Row security hides rows of the table that {target.mode.value} needs to see",
            to=f"table {target.table}",
            hint="Load with a user that has BYPASSRLS, or use append.",
        )


def lacking(rights: Collection[str], schema: str, table: str) -> DestinationRefused:
    listed = ", ".join(rights)
    return DestinationRefused(
        f"The database user lacks the right to {listed}",
        to=f"table {table}",
        hint=f"Grant the right with: GRANT {listed} ON {quoted(schema, table)} TO the user of the destination's URL;",
    )
