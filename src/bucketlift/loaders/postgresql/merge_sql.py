"""The SQL statements of an upsert into one table."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bucketlift.loaders.batches import PLACE, value
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.merge_sql import UpsertSql, any_of, listed, names
from bucketlift.loaders.postgresql.staging import STAGED

JUDGED = "pg_temp.bucketlift_judged"
_LAST = "pg_temp.bucketlift_last"
_TEXTS = frozenset({"text", "character varying"})
_COMPARABLE = re.compile(
    r"smallint|integer|bigint|real|double precision|boolean|uuid|date|numeric\(.*\)"
    r"|(time|timestamp)(\([0-6]\))? with(out)? time zone"
)
"""Matches the types whose equal values are always identical.

Values of other types are compared as text: for a numeric without scale, 1.0 equals 1.00; json has no
equality; citext ignores case.
"""

_REPEATED_IN_FILE = """
    SELECT (array_agg(line ORDER BY line))[1:2] FROM {staged} GROUP BY {keys}, place HAVING count(*) > 1
    ORDER BY min(place), min(line) LIMIT 1
"""
_CHAINED = """
    SELECT {lagged}, lag(place) OVER chain AS earlier
    FROM {staged} AS staged WINDOW chain AS (PARTITION BY {keys} ORDER BY place, sequence)
"""
_UNCHAINED = "SELECT staged.*, NULL::bigint AS earlier FROM {staged} AS staged"
# Compares each row with the previous row of its key. This is in an earlier file of the unit, otherwise in the
# table.
_JUDGE = """
    CREATE TEMPORARY TABLE bucketlift_judged ON COMMIT DROP AS
    SELECT {values}, chained.place, chained.line, chained.sequence, held.tableoid AS held_in, held.ctid AS held_at,
        CASE WHEN chained.earlier IS NULL AND held.ctid IS NULL THEN 'inserted'
             WHEN chained.earlier IS NULL AND ({differs_from_held}) THEN 'updated'
             WHEN chained.earlier IS NOT NULL AND ({differs_from_earlier}) THEN 'updated'
             ELSE 'unchanged' END AS verdict
    FROM ({chained}) AS chained LEFT JOIN {table} AS held ON {meets}
"""
# The last row of each key that changed a value. A row that changes nothing is not written.
_KEEP_LAST = """
    CREATE TEMPORARY TABLE bucketlift_last ON COMMIT DROP AS
    SELECT DISTINCT ON ({keys}) * FROM {judged} WHERE verdict <> 'unchanged'
    ORDER BY {keys}, place DESC, sequence DESC
"""
_KEEP_ALL = "(SELECT * FROM {judged} WHERE verdict <> 'unchanged')"
# By ctid: a row that another session changed has a new ctid. Then the row count shows that the row is
# missing.
_UPDATE = """
    UPDATE {table} AS held SET {assignments} FROM {lasting} AS lasting
    WHERE held.ctid = lasting.held_at AND held.tableoid = lasting.held_in
"""
_NOT_UPDATED = """
    SELECT count(*) FROM {table} AS held JOIN {lasting} AS lasting
    ON held.ctid = lasting.held_at AND held.tableoid = lasting.held_in
"""
_INSERT = """
    INSERT INTO {table} ({columns}) SELECT {values} FROM {lasting} AS lasting WHERE lasting.held_at IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class MergeSql(UpsertSql):
    staged = STAGED
    exact_types = _TEXTS
    text_type = "text"
    row_alias = "lasting"
    load_sql = f"($1::text[])[lasting.{PLACE} + 1]"
    folding: frozenset[str]
    """Columns in which texts with different bytes can be equal."""
    chained: bool = False
    """Whether a key occurs more than once among the staged rows."""

    def repeated_in_file(self) -> str:
        """SQL for the first two lines of a key that occurs more than once in one file."""
        return _REPEATED_IN_FILE.format(staged=STAGED, keys=self.listed_keys)

    def judge(self) -> str:
        return _JUDGE.format(
            table=self.table,
            chained=self._chained() if self.chained else _UNCHAINED.format(staged=STAGED),
            values=listed(f"chained.{value(position)}" for position in range(len(self.fit.mapped))),
            differs_from_held=any_of(self._differs(other, self._held(other)) for other in self.other_columns),
            differs_from_earlier=any_of(
                self._differs(other, f"chained.earlier{other}")
                for other in self.other_columns
                if self.chained
            ),
            meets=" AND ".join(self._key_matches(key) for key in self.keys),
        )

    def keep_last(self) -> str:
        return _KEEP_LAST.format(keys=self.listed_keys, judged=JUDGED)

    def update(self) -> str:
        """SQL of an update in place. Columns without a field do not change."""
        return _UPDATE.format(table=self.table, assignments=self.assignments, lasting=self._lasting)

    def not_updated(self) -> str:
        """SQL that counts the rows that an update should have changed and did not. Run it after the update.

        A row that was updated has a new ctid.
        """
        return _NOT_UPDATED.format(table=self.table, lasting=self._lasting)

    def insert(self) -> str:
        return _INSERT.format(
            table=self.table,
            columns=names(self.new_values),
            values=listed(self.new_values.values()),
            lasting=self._lasting,
        )

    def to_write(self) -> str:
        """SQL that counts the rows to update and to insert."""
        return f"SELECT count(held_at), count(*) - count(held_at) FROM {self._lasting} AS lasting"  # noqa: S608  names of ours

    @property
    def _lasting(self) -> str:
        return _LAST if self.chained else _KEEP_ALL.format(judged=JUDGED)

    def _chained(self) -> str:
        lagged = [f"lag({value(other)}) OVER chain AS earlier{other}" for other in self.other_columns]
        return _CHAINED.format(keys=self.listed_keys, lagged=listed(["staged.*", *lagged]), staged=STAGED)

    def _key_matches(self, key: int) -> str:
        """The SQL condition that the key is equal byte for byte.

        An explicit collation is avoided where it is not needed, because it prevents the use of an index.
        """
        collation = ' COLLATE "C"' if self.fit.mapped[key].name in self.folding else ""
        return f"{self._held(key)} = chained.{value(key)}{collation}"

    def _differs(self, position: int, other: str) -> str:
        kind = self.fit.mapped[position].type
        one = f"chained.{value(position)}"
        if kind in _TEXTS:
            return f'{one} IS DISTINCT FROM {other} COLLATE "C"'
        if _COMPARABLE.fullmatch(kind):
            return f"{one} IS DISTINCT FROM {other}"
        return f'{_as_text(one)} IS DISTINCT FROM {_as_text(other)} COLLATE "C"'

    def _held(self, position: int) -> str:
        return f"held.{quoted(self.fit.mapped[position].name)}"


def _as_text(value_sql: str) -> str:
    """SQL for a value as text. NULL and the empty text stay different."""
    return f"(format('%s', {value_sql}) || ({value_sql} IS NULL))"
