"""The progress of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The progress at one time."""

    at: datetime
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAdvance:
    """The progress of a task: objects while it lists, files afterwards."""

    task: str
    doing: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAdvance:
    """A file that is being processed. ``done`` and ``total`` are bytes while it is fetched or read, rows while it is
    loaded.
    """

    file: str
    task: str
    key: str
    doing: str
    done: int
    total: int
    rows: int | None = None
    """Rows read so far."""
    earlier: Sample
    """The progress a few seconds ago, to calculate the rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """The progress of a run's tasks and current files at one time."""

    at: datetime
    tasks: tuple[TaskAdvance, ...] = ()
    files: tuple[FileAdvance, ...] = ()
