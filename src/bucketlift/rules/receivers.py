"""Checks whether a destination takes the targets of a kind of load."""

from __future__ import annotations

from enum import Enum, auto

from bucketlift.model.account import (
    DestinationSettings,
    DirectoryDestination,
    FilePlace,
    HttpDestination,
    QualtricsDestination,
)
from bucketlift.model.directory.data_targets import DirectoryTarget
from bucketlift.model.load import RowsTarget, Target
from bucketlift.model.objects.target import ObjectsTarget


class _Receiver(Enum):
    """What a load writes to."""

    TABLES = auto()
    DIRECTORY = auto()
    HTTP = auto()
    FILES = auto()


_OR_A_TABLE = ", or load a table with `load`."
_NOT_FIT = {
    _Receiver.DIRECTORY: ("is not a directory", f"Name a destination of `kind: directory`{_OR_A_TABLE}"),
    _Receiver.HTTP: ("is not an HTTP receiver", f"Name a destination of `kind: http`{_OR_A_TABLE}"),
    _Receiver.FILES: (
        "is not a place for files",
        f"Name a destination of `kind: s3`, `sftp` or `folder`{_OR_A_TABLE}",
    ),
}
_LOAD_PEOPLE = "Load people with load_contacts or load_employees, or name a database."
_NO_PLATFORM_TABLES = ("is the hosted platform, which has no tables", _LOAD_PEOPLE)
_NO_TABLES = {
    _Receiver.DIRECTORY: (
        "is a directory, which has no tables",
        _LOAD_PEOPLE,
    ),
    _Receiver.HTTP: (
        "is an HTTP receiver, which has no tables",
        "Send rows with load_rows, or name a database.",
    ),
    _Receiver.FILES: (
        "is a place for files, which has no tables",
        "Write files with load_objects, or name a database.",
    ),
}


def misfit_of(target: Target, settings: DestinationSettings) -> tuple[str, str] | None:
    """Why a destination does not take a target, and what to do; None if it does."""
    wanted, found = _of_target(target), _of_settings(settings)
    if wanted is found:
        return None
    if wanted is not _Receiver.TABLES:
        return _NOT_FIT[wanted]
    return _NO_PLATFORM_TABLES if isinstance(settings, QualtricsDestination) else _NO_TABLES[found]


def _of_target(target: Target) -> _Receiver:
    if isinstance(target, DirectoryTarget):
        return _Receiver.DIRECTORY
    if isinstance(target, RowsTarget):
        return _Receiver.HTTP
    return _Receiver.FILES if isinstance(target, ObjectsTarget) else _Receiver.TABLES


def _of_settings(settings: DestinationSettings) -> _Receiver:
    if isinstance(settings, DirectoryDestination | QualtricsDestination):
        return _Receiver.DIRECTORY
    if isinstance(settings, HttpDestination):
        return _Receiver.HTTP
    return _Receiver.FILES if isinstance(settings, FilePlace) else _Receiver.TABLES
