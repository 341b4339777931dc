"""DuckDB: an embedded database file with one writer. The file is opened for each unit and closed afterwards."""

from bucketlift.loaders.duckdb.loader import DuckdbLoader

__all__ = ["DuckdbLoader"]
