"""DuckDB: an embedded database file with one writer, opened per unit and closed after."""

from bucketlift.loaders.duckdb.loader import DuckdbLoader

__all__ = ["DuckdbLoader"]
