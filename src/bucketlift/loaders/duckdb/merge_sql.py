"""The SQL statements of an upsert into one table."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.loaders.batches import PLACE, value
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.merge_sql import UpsertSql, any_of, listed, names

_REPEATED_IN_FILE = """
    SELECT min(line, 2) FROM temp.main.staged GROUP BY {keys}, place HAVING count(*) > 1
    ORDER BY min(place), min(line) LIMIT 1
"""
_CHAINED = """
    SELECT {lagged}, lag(place) OVER chain AS earlier
    FROM temp.main.staged AS staged
    WINDOW chain AS (PARTITION BY {keys} ORDER BY place, sequence)
"""
_UNCHAINED = "SELECT staged.*, NULL AS earlier FROM temp.main.staged AS staged"
# Compares each row with the previous row of its key. This is in an earlier file of the unit, otherwise in the
# table.
_JUDGE = """
    CREATE TEMP TABLE judged AS
    WITH chained AS ({chained}), held AS (SELECT {held}, true AS there FROM {table} AS held)
    SELECT {values}, place, line, sequence, there IS NOT NULL AS known,
        CASE WHEN earlier IS NULL AND there IS NULL THEN 'inserted'
             WHEN earlier IS NULL AND ({differs_from_held}) THEN 'updated'
             WHEN earlier IS NOT NULL AND ({differs_from_earlier}) THEN 'updated'
             ELSE 'unchanged' END AS verdict
    FROM chained LEFT JOIN held ON {meets}
"""
# The last row of each key that changed a value. A row that changes nothing is not written.
_KEEP_LAST = """
    CREATE TEMP TABLE lasting AS SELECT * FROM temp.main.judged WHERE verdict <> 'unchanged'
    QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY place DESC, sequence DESC) = 1
"""
_KEEP_ALL = "CREATE TEMP VIEW lasting AS SELECT * FROM temp.main.judged WHERE verdict <> 'unchanged'"
_UPDATE = """
    UPDATE {table} AS held SET {assignments}
    FROM temp.main.lasting AS lasting WHERE lasting.known AND {meets}
"""
_RENEW = """
    CREATE TEMP TABLE renewed AS SELECT {values}
    FROM {table} AS held JOIN temp.main.lasting AS lasting ON lasting.known AND {meets}
"""
_DELETE_RENEWED = "DELETE FROM {table} AS held USING temp.main.renewed AS lasting WHERE {meets}"
_INSERT_RENEWED = "INSERT INTO {table} ({columns}) SELECT * FROM temp.main.renewed"
_INSERT = """
    INSERT INTO {table} ({columns})
    SELECT {values} FROM temp.main.lasting AS lasting WHERE NOT lasting.known
"""


@dataclass(frozen=True, kw_only=True)
class MergeSql(UpsertSql):
    staged = "temp.main.staged"
    exact_types = frozenset({"VARCHAR"})
    text_type = "VARCHAR"
    row_alias = "lasting"
    load_sql = f"$loads[lasting.{PLACE} + 1]"

    def repeated_in_file(self) -> str:
        """SQL for the first two lines of a key that occurs more than once in one file."""
        return _REPEATED_IN_FILE.format(keys=self.listed_keys)

    def judge(self, *, chained: bool) -> str:
        return _JUDGE.format(
            table=self.table,
            chained=self._chained() if chained else _UNCHAINED,
            values=listed(value(position) for position in range(len(self.fit.mapped))),
            held=listed(f"{self._existing(each)} AS held{each}" for each in range(len(self.fit.mapped))),
            differs_from_held=any_of(
                f"{value(other)} IS DISTINCT FROM held{other}" for other in self.other_columns
            ),
            differs_from_earlier=any_of(
                f"{value(other)} IS DISTINCT FROM earlier{other}" for other in self.other_columns if chained
            ),
            meets=" AND ".join(f"{value(key)} = held{key}" for key in self.keys),
        )

    def keep_last(self, *, chained: bool) -> str:
        return _KEEP_LAST.format(keys=self.listed_keys) if chained else _KEEP_ALL

    def update(self) -> str:
        """SQL of an update in place. Columns without a field do not change."""
        return _UPDATE.format(table=self.table, assignments=self.assignments, meets=self._key_matches)

    def renew(self) -> str:
        """SQL that stages the changed rows again, with the values that the update does not change."""
        values = list(self.new_values.values())
        named = [f"{new} AS {value(place)}" for place, new in enumerate(values)]
        kept = [f"held.{quoted(column.name)} AS kept{place}" for place, column in enumerate(self.fit.kept)]
        return _RENEW.format(table=self.table, values=listed(named + kept), meets=self._key_matches)

    def delete_renewed(self) -> str:
        return _DELETE_RENEWED.format(table=self.table, meets=self._key_matches)

    def insert_renewed(self) -> str:
        columns = (*self.fit.mapped, *self.fit.lineage, *self.fit.kept)
        return _INSERT_RENEWED.format(table=self.table, columns=names(columns))

    def insert(self) -> str:
        return _INSERT.format(
            table=self.table, columns=names(self.new_values), values=listed(self.new_values.values())
        )

    def _chained(self) -> str:
        lagged = [f"lag({value(other)}) OVER chain AS earlier{other}" for other in self.other_columns]
        return _CHAINED.format(keys=self.listed_keys, lagged=listed(["staged.*", *lagged]))

    @property
    def _key_matches(self) -> str:
        return " AND ".join(f"{self._existing(key)} = lasting.{value(key)}" for key in self.keys)

    def _existing(self, position: int) -> str:
        """A column of the table in the form in which it is compared.

        Text is compared byte for byte, without the column's collation.
        """
        column = self.fit.mapped[position]
        collation = ' COLLATE "binary"' if column.type == "VARCHAR" else ""
        return f"held.{quoted(column.name)}{collation}"
