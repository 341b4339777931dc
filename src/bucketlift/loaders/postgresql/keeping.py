"""Finds rows that a PostgreSQL table dropped, replaced or moved without an error, and the reasons.

A count of the table's rows proves nothing, because other sessions may write to the table during a load. The
changes that this transaction made are counted, including the changes by triggers and rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.keeping import Cause, not_kept, others_reached, require_own
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.tables import TREE, Table
from bucketlift.model.load import LoadId, Target

# The server's statistics of the open transaction. They need track_counts and do not include foreign tables.
_CHANGES = f"""
    WITH RECURSIVE {TREE.format(root="$1::oid")}
    SELECT coalesce(sum(pg_stat_get_xact_tuples_inserted(oid)), 0)::bigint,
        coalesce(sum(pg_stat_get_xact_tuples_updated(oid)), 0)::bigint,
        coalesce(sum(pg_stat_get_xact_tuples_deleted(oid)), 0)::bigint,
        current_setting('track_counts') = 'on'
            AND NOT EXISTS (SELECT FROM tree JOIN pg_class f USING (oid) WHERE f.relkind = 'f'),
        count(*) > 1
    FROM tree
"""  # noqa: S608  constants
# Rows of other tables that this transaction deleted or changed, for example through their foreign keys to the
# table.
_REFERRING = f"""
    WITH RECURSIVE {TREE.format(root="$1::oid")}
    SELECT k.conrelid::regclass::text, sum(DISTINCT
        pg_stat_get_xact_tuples_deleted(k.conrelid) + pg_stat_get_xact_tuples_updated(k.conrelid))::bigint
    FROM tree JOIN pg_constraint k ON k.confrelid = tree.oid
    WHERE k.contype = 'f' AND k.confdeltype IN ('c', 'n', 'd') AND k.conrelid NOT IN (SELECT oid FROM tree)
    GROUP BY k.conrelid ORDER BY 1
"""  # noqa: S608  constants
_REACHING = """
    SELECT DISTINCT c.relname::text, k.conrelid::regclass::text,
        CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND k.contype = 'f' AND k.confdeltype IN ('c', 'n', 'd') AND k.conrelid <> k.confrelid
        AND k.conparentid = 0 ORDER BY 1, 2
"""
_GUARDS = f"""
    WITH RECURSIVE {TREE.format(root="$1::oid")}
    SELECT 'trigger', t.tgname::text, c.relname::text, n.nspname::text FROM tree
        JOIN pg_trigger t ON t.tgrelid = tree.oid JOIN pg_class c ON c.oid = tree.oid
        JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgparentid = 0
    UNION ALL
    SELECT 'rule', r.rulename::text, c.relname::text, n.nspname::text FROM tree
        JOIN pg_rewrite r ON r.ev_class = tree.oid JOIN pg_class c ON c.oid = tree.oid
        JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE r.ev_type <> '1' AND r.ev_enabled IN ('O', 'A') ORDER BY 1, 3, 2
"""  # noqa: S608  constants
# The risks that a doctor can recognise: INSTEAD rules, triggers before a row whose function can return NULL,
# and triggers whose function deletes from the table.
_RISKS = r"""
    SELECT c.relname::text, CASE WHEN t.tgtype & 2 > 0 THEN 'BEFORE' ELSE 'AFTER' END || ' trigger', t.tgname::text
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
        AND t.tgparentid = 0 AND (
            t.tgtype & 3 = 3 AND (l.lanname <> 'plpgsql' OR p.prosrc ~* '\mreturn\s+null\M')
            OR p.prosrc ~* ('\m(delete\s+from|truncate(\s+table)?)\s+(only\s+)?\S*\m' || c.relname || '\M'))
    UNION ALL
    SELECT c.relname::text, 'INSTEAD rule', r.rulename::text
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND r.ev_type <> '1' AND r.is_instead AND r.ev_enabled IN ('O', 'A')
    ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The changes that the open transaction has made so far to a table and its partitions."""

    inserted: int
    updated: int
    deleted: int
    counted: bool
    """Whether the server counts changes (``track_counts``)."""
    is_partitioned: bool
    """Whether an update may move a row to another partition. Such an update counts as a delete and an insert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A table with triggers or rules, so that the row counts which its statements report are not reliable."""

    table: Table
    target: Target
    schema: str
    before: Changes

    def causes(self, connection: Connection) -> tuple[Cause, ...]:
        """All triggers and rules of the table and its partitions."""
        found = connection.execute(_GUARDS, [self.table.oid]).fetchall()
        return tuple(_cause(kind, name, (schema, table)) for kind, name, table, schema in found)

    def require(self, connection: Connection, *, inserted: int, updated: int, removed: int) -> None:
        """Compare the real changes to the table with the numbers that the load's statements report.

        Raises:
            RowsNotKept: the real changes differ from these numbers.
        """
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # deferred triggers may change rows too
        now = changes(connection, self.table.oid)
        if not now.counted or (now == self.before and not self.table.ruled):
            return
        deleted = now.deleted - self.before.deleted
        grown = now.inserted - self.before.inserted - deleted
        if not now.is_partitioned and deleted > removed:
            raise not_kept(
                f"{deleted - removed:,} rows of the table were deleted, but not by the load",
                self.target,
                self.causes(connection),
            )
        # An update that moves a row to another partition counts as a delete and an insert.
        renewed = now.updated - self.before.updated + deleted
        if grown != inserted - removed or renewed < updated:
            raise not_kept(
                f"The load must change the number of rows by {inserted - removed:+,} and update {updated:,} rows; "
                f"instead the number changed by {grown:+,}, and {renewed - removed:,} rows were updated",
                self.target,
                self.causes(connection),
            )

    def require_own(self, connection: Connection, column: str, loads: Sequence[LoadId], rows: int) -> None:
        """Check that exactly ``rows`` rows of the table have the IDs of the loads.

        Raises:
            RowsNotKept: the number of these rows is different.
        """
        found = connection.execute(
            f"SELECT count(*) FROM {quoted(self.schema, self.target.table)} WHERE {quoted(column)} = ANY($1::text[])",  # noqa: S608  quoted
            [list(loads)],
        ).fetchall()
        require_own(found[0][0], rows, self.target, self.causes(connection))


def watch(connection: Connection, schema: str, table: Table | None, target: Target) -> Watch | None:
    """The table to watch; None if the row counts that its statements report are reliable."""
    if table is None or not table.guarded:
        return None
    return Watch(table=table, target=target, schema=schema, before=changes(connection, table.oid))


def changes(connection: Connection, oid: int) -> Changes:
    [(inserted, updated, deleted, counted, is_partitioned)] = connection.execute(_CHANGES, [oid]).fetchall()
    return Changes(
        inserted=inserted, updated=updated, deleted=deleted, counted=counted, is_partitioned=is_partitioned
    )


def others(connection: Connection, oid: int) -> dict[str, int]:
    """The tables that a foreign key changes when rows of this table are deleted.

    For each, the number of its rows that the transaction has changed.
    """
    return dict(connection.execute(_REFERRING, [oid]).fetchall())


def require_others_unchanged(
    connection: Connection, table: Table, before: dict[str, int], target: Target
) -> None:
    """Check that a delete changed no rows of other tables.

    Raises:
        DestinationRefused: rows of another table were changed.
    """
    reached = [name for name, rows in others(connection, table.oid).items() if rows != before.get(name, 0)]
    if reached:
        raise others_reached(reached, target)


def risks(connection: Connection, schema: str) -> list[tuple[str, Cause]]:
    """For each table, the triggers and rules that may drop rows, as far as the doctor can recognise them."""
    found = connection.execute(_RISKS, [schema]).fetchall()
    return [(table, _cause(kind, name, (schema, table))) for table, kind, name in found]


def reaching(connection: Connection, schema: str) -> list[tuple[str, str, str]]:
    """Foreign keys that change rows when the referenced rows are deleted.

    Each item is (the referenced table, the table with the foreign key, the key's action).
    """
    return [(table, other, action) for table, other, action in connection.execute(_REACHING, [schema])]


def _cause(kind: str, name: str, table: tuple[str, str]) -> Cause:
    word = "RULE" if kind.endswith("rule") else "TRIGGER"
    return Cause(
        what=f"{kind} {name}",
        remedy=f"Change it, or disable it with: ALTER TABLE {quoted(*table)} DISABLE {word} {quoted(name)};",
    )
