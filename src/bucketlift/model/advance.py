"""The progress of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The progress of a file at one time."""

    at: datetime
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAdvance:
    """The progress of a task. It counts objects while the task lists, and files afterwards."""

    task: str
    doing: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAdvance:
    """A file that is being processed. ``done`` and ``total`` are bytes while the file is fetched or read,
    rows while it is loaded.
    """

    file: str
    task: str
    key: str
    doing: str
    done: int
    total: int
    rows: int | None = None
    """The number of rows of the file that were read so far."""
    earlier: Sample
    """The progress of the file a few seconds ago, from which the rate is calculated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """The progress of a run's tasks, and of the files in progress, at one time."""

    at: datetime
    tasks: tuple[TaskAdvance, ...] = ()
    files: tuple[FileAdvance, ...] = ()
