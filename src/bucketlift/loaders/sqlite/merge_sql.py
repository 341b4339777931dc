"""The SQL statements of an upsert into one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bucketlift.loaders.batches import value
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.merge_sql import UpsertSql, listed, names
from bucketlift.loaders.sqlite.kinds import KEPT, TEXT

TABLES = (
    "CREATE TEMP TABLE met (row INTEGER, differs INTEGER)",
    "CREATE TEMP TABLE judged (row INTEGER PRIMARY KEY, known INTEGER, verdict TEXT)",
    "CREATE TEMP TABLE lasting (row INTEGER PRIMARY KEY, known INTEGER)",
)
# Each staged row whose key is in the table, and whether the table's row differs.
_MEET = """
    INSERT INTO temp.met SELECT staged.row, {differs}
    FROM {table} AS held JOIN temp.staged AS staged ON {meets}
"""
MET_TWICE = "SELECT 1 FROM temp.met GROUP BY row HAVING count(*) > 1 LIMIT 1"
FORGET_MET = "DELETE FROM temp.met"
COUNT_MET = "SELECT count(*), count(DISTINCT row), (SELECT count(*) FROM temp.staged) FROM temp.met"
TO_WRITE = "SELECT coalesce(sum(known), 0), count(*) - coalesce(sum(known), 0) FROM temp.lasting"
_REPEATED_IN_FILE = """
    SELECT line, next FROM (
        SELECT line, place, lead(line) OVER (PARTITION BY {keys}, place ORDER BY row) AS next FROM temp.staged
    ) WHERE next IS NOT NULL ORDER BY place, line LIMIT 1
"""
# Compares each row with the previous row of its key: in an earlier file of the unit, otherwise in the table.
_JUDGE = """
    INSERT INTO temp.judged
    WITH chain AS ({chain})
    SELECT staged.row, met.row IS NOT NULL,
        CASE WHEN chain.earlier IS NULL AND met.row IS NULL THEN 'inserted'
             WHEN chain.earlier IS NULL AND met.differs THEN 'updated'
             WHEN chain.earlier IS NOT NULL AND {differs} THEN 'updated'
             ELSE 'unchanged' END
    FROM temp.staged AS staged JOIN chain ON chain.row = staged.row
    LEFT JOIN temp.met AS met ON met.row = staged.row
    LEFT JOIN temp.staged AS earlier ON earlier.row = chain.earlier
"""
_CHAIN = "SELECT row, lag(row) OVER (PARTITION BY {keys} ORDER BY row) AS earlier FROM temp.staged"
_NO_CHAIN = "SELECT row, NULL AS earlier FROM temp.staged"
COUNT = """
    SELECT staged.place, judged.verdict, count(*)
    FROM temp.judged AS judged JOIN temp.staged AS staged ON staged.row = judged.row
    GROUP BY staged.place, judged.verdict
"""
# The last row of a key that changed something. A row that changes nothing is not written.
_KEEP_LAST = """
    INSERT INTO temp.lasting SELECT max(judged.row), judged.known
    FROM temp.judged AS judged JOIN temp.staged AS staged ON staged.row = judged.row
    WHERE judged.verdict <> 'unchanged' GROUP BY {keys}
"""
_KEEP_ALL = "INSERT INTO temp.lasting SELECT row, known FROM temp.judged WHERE verdict <> 'unchanged'"
_UPDATE = """
    UPDATE {table} AS held SET {assignments}
    FROM temp.lasting AS lasting JOIN temp.staged AS staged ON staged.row = lasting.row
    WHERE lasting.known AND {meets}
"""
_INSERT = """
    INSERT INTO {table} ({columns}) SELECT {values}
    FROM temp.lasting AS lasting JOIN temp.staged AS staged ON staged.row = lasting.row
    WHERE NOT lasting.known ORDER BY staged.row
"""


@dataclass(frozen=True, kw_only=True)
class MergeSql(UpsertSql):
    """The SQL of an upsert. Columns are always written with their table, because SQLite reads an unknown
    quoted name as text.
    """

    staged = "temp.staged"
    exact_types = frozenset({TEXT, KEPT})
    text_type = TEXT
    row_alias = "staged"
    load_sql = "(SELECT loads.id FROM temp.loads AS loads WHERE loads.place = staged.place)"

    def index(self) -> str:
        return f"CREATE INDEX temp.staged_keys ON staged ({self.listed_keys})"

    def meet(self) -> str:
        differs = self._differ(self._held)
        return _MEET.format(table=self.table, differs=differs, meets=self._key_matches)

    def repeated_in_file(self) -> str:
        """SQL for the first two lines of a key that occurs more than once in one file."""
        return _REPEATED_IN_FILE.format(keys=self.listed_keys)

    def judge(self, *, chained: bool) -> str:
        chain = _CHAIN.format(keys=self.listed_keys) if chained else _NO_CHAIN
        differs = self._differ(lambda position: f"earlier.{value(position)}")
        return _JUDGE.format(chain=chain, differs=differs)

    def keep_last(self, *, chained: bool) -> str:
        keys = listed(f"staged.{value(key)}" for key in self.keys)
        return _KEEP_LAST.format(keys=keys) if chained else _KEEP_ALL

    def update(self) -> str:
        """SQL of an update in place. Columns without a field do not change."""
        return _UPDATE.format(table=self.table, assignments=self.assignments, meets=self._key_matches)

    def insert(self) -> str:
        return _INSERT.format(
            table=self.table, columns=names(self.new_values), values=listed(self.new_values.values())
        )

    @property
    def _key_matches(self) -> str:
        return " AND ".join(f"{self._held(key)} = staged.{value(key)}" for key in self.keys)

    def _held(self, position: int) -> str:
        """A column of the table in the form in which it is compared: text byte for byte, without the column's
        collation.
        """
        return f"held.{quoted(self.fit.mapped[position].name)} COLLATE BINARY"

    def _differ(self, other: Callable[[int], str]) -> str:
        """The SQL condition that two rows differ. It compares row values, not a chain of ORs, because SQLite
        limits an expression's depth to 1,000 and tables can have more columns.
        """
        if not self.other_columns:
            return "0"
        ones = listed(f"staged.{value(position)}" for position in self.other_columns)
        return f"({ones}) IS NOT ({listed(other(position) for position in self.other_columns)})"
