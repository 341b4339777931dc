"""The doctor's checks of an existing DuckDB file."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from bucketlift.errors import BucketliftError
from bucketlift.loaders.duckdb.error_translation import explained
from bucketlift.loaders.duckdb.receipts import PLACE, DuckdbReceipts
from bucketlift.loaders.keeping import findings
from bucketlift.loaders.places import failed_check
from bucketlift.model.finding import Finding, Health


def examine(connection: DuckDBPyConnection) -> tuple[Finding, ...]:
    """Check the file. The connection must be writable; test writes are rolled back."""
    return (
        Finding(check="open", health=Health.OK, what="The file can be opened to read and write"),
        _receipts(connection),
        Finding(
            check="durability", health=Health.OK, what="DuckDB writes a commit to the disk before it answers"
        ),
        *findings(()),  # DuckDB has no triggers or rules, and its constraints either accept or refuse a row.
    )


def _receipts(connection: DuckDBPyConnection) -> Finding:
    try:
        with explained(f"table {PLACE}"):
            connection.execute("BEGIN")
            try:
                DuckdbReceipts(connection=connection).make()
            finally:
                connection.execute("ROLLBACK")
    except BucketliftError as error:
        return failed_check("receipts", error)
    return Finding(check="receipts", health=Health.OK, what=f"Receipts are kept in {PLACE}")
