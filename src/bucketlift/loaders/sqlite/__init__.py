"""SQLite: an embedded database file with one writer, opened per unit and closed after."""

from bucketlift.loaders.sqlite.loader import SqliteLoader

__all__ = ["SqliteLoader"]
