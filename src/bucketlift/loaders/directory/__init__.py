"""A directory of people in a SQLite file or a PostgreSQL database: contacts, employees, lists and transactions."""

from bucketlift.loaders.directory.browsing import DirectoryPeople
from bucketlift.loaders.directory.loader import DirectoryLoader
from bucketlift.loaders.directory.opening import Place

__all__ = ["DirectoryLoader", "DirectoryPeople", "Place"]
