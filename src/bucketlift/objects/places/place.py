"""The interface of a place that files are written to. A name exists with a whole file, or it does not exist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from bucketlift.model.finding import Finding

TEMPORARY = ".bucketlift"
"""The end of the name of an unfinished upload. It starts with a dot, so that most programs ignore it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How a file is recognized as ours: by its SHA-256, or by the owner that the place keeps with it."""

    sha256: str | None = None
    owner: str | None = None


class ObjectPlace(Protocol):
    """Creates files and never changes one. ``owner`` names the chunk whose content a file is: letters, digits, hyphens."""

    def put(self, name: str, content: Path, owner: str) -> None:
        """Create a file with this content.

        Raises:
            PlaceTaken: the name exists; it was not changed.
            NotSent: certainly nothing was created.
            StoreUnavailable: it is unknown whether the file was created.
            AccessRefused, NotFound, NeedsPerson: nothing was created, and a person must act.
        """
        ...

    def holds(self, name: str, expected: Expected) -> bool | None:
        """Whether the file with this name is the expected one; None if the name does not exist.

        Raises: as ``put``, but PlaceTaken.
        """
        ...

    def discard(self, name: str, owner: str) -> None:
        """Remove what an unfinished ``put`` left behind. Errors are ignored: nobody takes it for a file."""
        ...

    def address(self, name: str) -> str:
        """Where the file is, for people."""
        ...

    def examine(self) -> tuple[Finding, ...]:
        """A doctor's findings. A file that is written for this is removed again."""
        ...


@runtime_checkable
class StagedPlace(ObjectPlace, Protocol):
    """A place in which a file is first uploaded under a temporary name and then gets its name."""

    def stage(self, name: str, content: Path, owner: str) -> None:
        """Upload the content next to the name. It replaces a former upload of this owner. Raises: as ``put``."""
        ...

    def publish(self, name: str, owner: str) -> None:
        """Give the uploaded file its name, and remove the temporary one. Raises: as ``put``."""
        ...

    def holds_staged(self, name: str, owner: str, expected: Expected) -> bool | None:
        """As ``holds``, for the uploaded file of this owner."""
        ...
