"""What a person made under the name of the table of receipts: it is named, and no row is loaded."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.duckdb import DuckdbLoader
from bucketlift.loaders.sqlite import SqliteLoader
from bucketlift.model.finding import Health
from bucketlift.model.load import LoadId
from contract.destinations import a_file, a_unit
from integration.postgresql.warehouse import a_warehouse

COLUMNS = (
    'load_id text PRIMARY KEY, "table" text, inserted bigint, updated bigint, unchanged bigint,'
    " committed_at timestamp, mode text, installation text"
)
COMMON = {
    "view": "CREATE VIEW {loads} AS SELECT 1 AS x",
    "view with the same columns": f"CREATE TABLE others ({COLUMNS}); CREATE VIEW {{loads}} AS SELECT * FROM others",  # noqa: S608  constants
    "other columns": "CREATE TABLE {loads} (x integer)",
    "other types": (
        'CREATE TABLE {loads} (load_id integer, "table" integer, inserted text, updated integer,'
        " unchanged integer, committed_at text, mode integer)"
    ),
    "one column more": f"CREATE TABLE {{loads}} ({COLUMNS}, schema text, more integer NOT NULL)",
}
SQLITE = COMMON | {"index": "CREATE TABLE others (x integer); CREATE INDEX _bucketlift_loads ON others (x)"}
POSTGRESQL = COMMON | {
    "materialized view": "CREATE MATERIALIZED VIEW {loads} AS SELECT 1 AS x",
    "sequence": "CREATE SEQUENCE {loads}",
    "type": "CREATE TYPE {loads} AS ENUM ('a')",
    "index": "CREATE TABLE bucketlift.others (x integer); CREATE INDEX loads ON bucketlift.others (x)",
}
KINDS = ("view", "index", "materialized view", "sequence", "type")


def told(made: str) -> str:
    """What is said of it."""
    kind = next((each for each in KINDS if made == each or made.startswith(f"{each} with")), None)
    article = "An" if kind == "index" else "A"
    return (
        f"{article} {kind} has the name of the table of receipts"
        if kind
        else "does not have the columns of receipts"
    )


def loaded(loader: Any) -> Any:
    with loader.begin(a_unit("load-1")) as load:
        load.write(LoadId("load-1"), a_file(("1", "Ada")))
        return load.commit()


def refusals(loader: Any) -> tuple[DestinationRefused, dict[str, Health]]:
    """What a load and the doctor say."""
    with pytest.raises(DestinationRefused) as refused:
        loaded(loader)
    return refused.value, {each.check: each.health for each in loader.examine()}


@pytest.mark.parametrize("made", COMMON)
def test_a_duckdb_database_with_something_else_under_the_name(tmp_path: Path, made: str) -> None:
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as person:
        person.execute("CREATE SCHEMA bucketlift; " + COMMON[made].format(loads="bucketlift.loads"))

    refused, health = refusals(DuckdbLoader(file))

    assert told(made) in refused.what
    assert "bucketlift.loads" in refused.to
    assert health["receipts"] is Health.MISSING


@pytest.mark.parametrize("made", SQLITE)
def test_a_sqlite_database_with_something_else_under_the_name(tmp_path: Path, made: str) -> None:
    file = tmp_path / "warehouse.sqlite"
    with closing(sqlite3.connect(file)) as person:
        person.executescript(SQLITE[made].format(loads="_bucketlift_loads"))

    refused, health = refusals(SqliteLoader(file))

    assert told(made) in refused.what
    assert "_bucketlift_loads" in refused.to
    assert health["receipts"] is Health.MISSING


@pytest.mark.slow
@pytest.mark.parametrize("made", [each for each in POSTGRESQL if each != "one column more"])
def test_a_postgresql_database_with_something_else_under_the_name(postgresql: Any, made: str) -> None:
    warehouse = a_warehouse(postgresql.database())
    warehouse.person("CREATE SCHEMA bucketlift")
    for statement in POSTGRESQL[made].format(loads="bucketlift.loads").split("; "):
        warehouse.person(statement)

    refused, health = refusals(warehouse.loader())

    assert told(made) in refused.what
    assert "bucketlift.loads" in refused.to
    assert health["receipts"] is Health.MISSING


@pytest.mark.slow
def test_a_postgresql_table_of_receipts_that_needs_one_column_more(postgresql: Any) -> None:
    warehouse = a_warehouse(postgresql.database())
    warehouse.person("CREATE SCHEMA bucketlift")
    warehouse.person(COMMON["one column more"].format(loads="bucketlift.loads"))

    refused, _ = refusals(warehouse.loader())

    assert told("one column more") in refused.what


def test_the_order_of_the_columns_does_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    columns = ", ".join(reversed(COLUMNS.split(", ")))
    with duckdb.connect(str(file)) as person:
        person.execute(f"CREATE SCHEMA bucketlift; CREATE TABLE bucketlift.loads ({columns})")
    loader = DuckdbLoader(file)

    kept = loaded(loader)

    assert loader.receipts([LoadId("load-1")]) == {"load-1": kept[0]}
