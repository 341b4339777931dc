"""Lists the tables of a SQLite database that are possible targets."""

from __future__ import annotations

from collections.abc import Mapping

from bucketlift.loaders.listing import by_table
from bucketlift.loaders.sqlite.connection import Connection

_COLUMNS = """
    SELECT made.name, its.name FROM main.sqlite_schema AS made JOIN pragma_table_xinfo(made.name, 'main') AS its
    WHERE made.type = 'table' AND made.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND its.hidden = 0
    ORDER BY made.name, its.cid
"""


def columns(connection: Connection) -> Mapping[str, tuple[str, ...]]:
    return by_table(connection.rows(_COLUMNS))
