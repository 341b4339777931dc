"""SQLite: an embedded database file with one writer. The file is opened for each unit and closed afterwards."""

from bucketlift.loaders.sqlite.loader import SqliteLoader

__all__ = ["SqliteLoader"]
