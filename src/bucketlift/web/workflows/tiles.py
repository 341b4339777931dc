"""The task catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    title: str
    text: str
    icon: str
    group: str
    form: str | None
    """The last step of its address; None of what this version does not have."""
    also: str = ""
    """Other words that find it."""

    def has(self, query: str) -> bool:
        said = f"{self.title} {self.text} {self.group} {self.also}".casefold()
        return all(word in said for word in query.casefold().split())


GROUPS = ("Extract", "Load")
TILES = (
    Tile(
        title="Extract data from Amazon S3",
        text="Finds CSV or TSV files in a bucket and reads each exactly.",
        icon="brand-aws",
        group="Extract",
        form="extract",
        also="aws bucket import minio csv tsv files",
    ),
    Tile(
        title="Table",
        text="Loads rows into a table of DuckDB, SQLite or PostgreSQL: adds them, updates by key, or replaces all.",
        icon="table",
        group="Load",
        form="table",
        also="database loader warehouse destination append upsert replace",
    ),
    Tile(
        title="Load data to Amazon S3",
        text="Writes rows to a bucket as files.",
        icon="brand-aws",
        group="Load",
        form=None,
        also="aws bucket export parquet csv",
    ),
)
