"""SQL statements of an upsert for one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bucketlift.loaders.batches import LINE, PLACE, value
from bucketlift.loaders.fit import Fit, TableColumn
from bucketlift.loaders.identifiers import quoted
from bucketlift.model.load import Target

_REPEATED = "SELECT 1 FROM temp.main.staged GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"
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
# Compares each row with the previous row of its key: in an earlier file of the unit, otherwise in the table.
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
# The last row of a key that changed something. A row that changes nothing is not written.
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
class MergeSql:
    """Staged columns are named by their position in the target, so they never clash with the table's names."""

    table: str
    target: Target
    fit: Fit

    @property
    def keys(self) -> list[int]:
        names = self.target.key_columns
        return [position for position, column in enumerate(self.target.columns) if column.name in names]

    @property
    def typed_keys(self) -> list[TableColumn]:
        """Key columns in which two different texts can be the same value."""
        columns = [self.fit.mapped[key] for key in self.keys]
        return [column for column in columns if column.type != "VARCHAR"]

    @property
    def others(self) -> list[int]:
        keys = set(self.keys)
        return [position for position in range(len(self.target.columns)) if position not in keys]

    def repeated(self) -> str:
        """Selects a key that occurs more than once among the staged rows."""
        return _REPEATED.format(keys=self._listed_keys)

    def repeated_in_file(self) -> str:
        """Selects the first two lines of a key that occurs more than once in one file."""
        return _REPEATED_IN_FILE.format(keys=self._listed_keys)

    def judge(self, *, chained: bool) -> str:
        return _JUDGE.format(
            table=self.table,
            chained=self._chained() if chained else _UNCHAINED,
            values=_listed(value(position) for position in range(len(self.fit.mapped))),
            held=_listed(f"{self._held(each)} AS held{each}" for each in range(len(self.fit.mapped))),
            differs_from_held=_any(f"{value(other)} IS DISTINCT FROM held{other}" for other in self.others),
            differs_from_earlier=_any(
                f"{value(other)} IS DISTINCT FROM earlier{other}" for other in self.others if chained
            ),
            meets=" AND ".join(f"{value(key)} = held{key}" for key in self.keys),
        )

    def keep_last(self, *, chained: bool) -> str:
        return _KEEP_LAST.format(keys=self._listed_keys) if chained else _KEEP_ALL

    def update(self) -> str:
        """Updates in place. Columns without a field are not touched."""
        news = self._news()
        assignments = _listed(
            f"{quoted(column.name)} = {news[column]}"
            for column in (*(self.fit.mapped[other] for other in self.others), *self.fit.lineage)
        )
        return _UPDATE.format(table=self.table, assignments=assignments, meets=self._meets)

    def renew(self) -> str:
        """Rewrites the changed rows, including the values they keep."""
        news = list(self._news().values())
        named = [f"{new} AS {value(place)}" for place, new in enumerate(news)]
        kept = [f"held.{quoted(column.name)} AS kept{place}" for place, column in enumerate(self.fit.kept)]
        return _RENEW.format(table=self.table, values=_listed(named + kept), meets=self._meets)

    def delete_renewed(self) -> str:
        return _DELETE_RENEWED.format(table=self.table, meets=self._meets)

    def insert_renewed(self) -> str:
        columns = (*self.fit.mapped, *self.fit.lineage, *self.fit.kept)
        return _INSERT_RENEWED.format(table=self.table, columns=_names(columns))

    def insert(self) -> str:
        news = self._news()
        return _INSERT.format(table=self.table, columns=_names(news), values=_listed(news.values()))

    def _chained(self) -> str:
        lagged = [f"lag({value(other)}) OVER chain AS earlier{other}" for other in self.others]
        return _CHAINED.format(keys=self._listed_keys, lagged=_listed(["staged.*", *lagged]))

    @property
    def _listed_keys(self) -> str:
        return _listed(value(key) for key in self.keys)

    @property
    def _meets(self) -> str:
        return " AND ".join(f"{self._held(key)} = lasting.{value(key)}" for key in self.keys)

    def _held(self, position: int) -> str:
        """A column of the table as it is compared: text byte for byte, independent of the collation."""
        column = self.fit.mapped[position]
        collation = ' COLLATE "binary"' if column.type == "VARCHAR" else ""
        return f"held.{quoted(column.name)}{collation}"

    def _news(self) -> dict[TableColumn, str]:
        """Each written column with the SQL of its new value: mapped columns, then lineage."""
        news = {column: f"lasting.{value(place)}" for place, column in enumerate(self.fit.mapped)}
        if self.fit.load_id:
            news[self.fit.load_id] = f"$loads[lasting.{PLACE} + 1]"
        if self.fit.source_line:
            news[self.fit.source_line] = f"lasting.{LINE}"
        return news


def _names(columns: Iterable[TableColumn]) -> str:
    return _listed(quoted(column.name) for column in columns)


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _any(tests: Iterable[str]) -> str:
    return " OR ".join(tests) or "false"
