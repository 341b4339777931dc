"""Upsert: what is staged goes into the table as if its files came one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.batches import LINE, value
from bucketlift.loaders.fit import Fit
from bucketlift.loaders.identifiers import quoted
from bucketlift.model.load import LoadUnit, Target

# Each row against the row of its key before it: in an earlier file of the unit, else in the table.
_JUDGE = """
    CREATE TEMP TABLE judged AS
    WITH chained AS (
        SELECT {lagged}, lag(place) OVER chain AS earlier
        FROM temp.main.staged AS staged
        WINDOW chain AS (PARTITION BY {keys} ORDER BY place, sequence)
    ),
    held AS (SELECT {held}, true AS there FROM {table} AS held)
    SELECT {values}, place, line, sequence, there IS NOT NULL AS known,
        CASE WHEN earlier IS NULL AND there IS NULL THEN 'inserted'
             WHEN earlier IS NULL AND ({differs_from_held}) THEN 'updated'
             WHEN earlier IS NOT NULL AND ({differs_from_earlier}) THEN 'updated'
             ELSE 'unchanged' END AS verdict
    FROM chained LEFT JOIN held ON {meets}
"""
# A key that the table holds twice has met its staged row twice.
_DOUBLED = "SELECT (SELECT count(*) FROM temp.main.judged) > (SELECT count(*) FROM temp.main.staged)"
# The last row of a key that changed something; a row that changes nothing is never written.
_KEEP_LAST = """
    CREATE TEMP TABLE lasting AS
    SELECT judged.*, loads.load_id
    FROM temp.main.judged AS judged
    JOIN (SELECT unnest($loads) AS load_id, generate_subscripts($loads, 1) - 1 AS place) AS loads USING (place)
    WHERE verdict <> 'unchanged'
    QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY place DESC, sequence DESC) = 1
"""
_UPDATE = """
    UPDATE {table} AS held SET {assignments}
    FROM temp.main.lasting AS lasting WHERE lasting.known AND {meets}
"""
_INSERT = """
    INSERT INTO {table} ({columns})
    SELECT {values} FROM temp.main.lasting AS lasting WHERE NOT lasting.known
"""
_COUNT = "SELECT place, verdict, count(*) FROM temp.main.judged GROUP BY place, verdict"


def merge(connection: DuckDBPyConnection, table: str, unit: LoadUnit, fit: Fit) -> Counter[tuple[int, str]]:
    """Put what is staged into the table; counts by the load's place in the unit and the verdict."""
    statements = _Statements(table=table, target=unit.target, fit=fit)
    connection.execute(statements.judge())
    _refuse_doubled(connection, unit.target)
    connection.execute("DROP TABLE temp.main.staged")
    connection.execute(statements.keep_last(), {"loads": list(unit.loads)})
    if statements.others:
        connection.execute(statements.update())
    connection.execute(statements.insert())
    counted = connection.execute(_COUNT).fetchall()
    return Counter({(place, verdict): count for place, verdict, count in counted})


def _refuse_doubled(connection: DuckDBPyConnection, target: Target) -> None:
    if connection.execute(_DOUBLED).fetchall() == [(True,)]:
        raise DestinationRefused(
            "The table holds a key of the file more than once",
            to=f"table {target.table}",
            hint="Remove the doubled rows, or choose a key that tells rows apart.",
        )


@dataclass(frozen=True, kw_only=True)
class _Statements:
    """The templates above, filled for one table. Columns go by their position in the target."""

    table: str
    target: Target
    fit: Fit

    @property
    def keys(self) -> list[int]:
        names = self.target.key_columns
        return [position for position, column in enumerate(self.target.columns) if column.name in names]

    @property
    def others(self) -> list[int]:
        keys = self.keys
        return [position for position in range(len(self.target.columns)) if position not in keys]

    def judge(self) -> str:
        everything = range(len(self.fit.mapped))
        return _JUDGE.format(
            table=self.table,
            keys=_listed(value(key) for key in self.keys),
            values=_listed(value(position) for position in everything),
            lagged=_listed(
                ["staged.*", *(f"lag({value(other)}) OVER chain AS earlier{other}" for other in self.others)]
            ),
            held=_listed(f"{self._compared(position)} AS held{position}" for position in everything),
            differs_from_held=_any(f"{value(other)} IS DISTINCT FROM held{other}" for other in self.others),
            differs_from_earlier=_any(
                f"{value(other)} IS DISTINCT FROM earlier{other}" for other in self.others
            ),
            meets=" AND ".join(f"{value(key)} = held{key}" for key in self.keys),
        )

    def keep_last(self) -> str:
        return _KEEP_LAST.format(keys=_listed(value(key) for key in self.keys))

    def update(self) -> str:
        columns = [self.fit.mapped[other].name for other in self.others]
        columns += [column.name for column in self.fit.lineage]
        news = [f"lasting.{value(other)}" for other in self.others] + self._lineage
        return _UPDATE.format(
            table=self.table,
            assignments=_listed(f"{quoted(name)} = {new}" for name, new in zip(columns, news, strict=True)),
            meets=" AND ".join(f"{self._compared(key)} = lasting.{value(key)}" for key in self.keys),
        )

    def insert(self) -> str:
        values = [f"lasting.{value(position)}" for position in range(len(self.fit.mapped))]
        return _INSERT.format(
            table=self.table,
            columns=_listed(quoted(column.name) for column in (*self.fit.mapped, *self.fit.lineage)),
            values=_listed(values + self._lineage),
        )

    @property
    def _lineage(self) -> list[str]:
        return ["lasting.load_id"] * bool(self.fit.load_id) + [f"lasting.{LINE}"] * bool(self.fit.source_line)

    def _compared(self, position: int) -> str:
        """A column of the table as it is compared: text byte for byte, whatever the column's collation."""
        column = self.fit.mapped[position]
        collation = ' COLLATE "binary"' if column.type == "VARCHAR" else ""
        return f"held.{quoted(column.name)}{collation}"


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _any(tests: Iterable[str]) -> str:
    return " OR ".join(tests) or "false"
