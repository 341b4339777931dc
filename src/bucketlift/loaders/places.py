"""The doctor's checks of a destination that is a single file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from bucketlift.errors import BucketliftError, DestinationRefused, NeedsPerson
from bucketlift.model.finding import Finding, Health

SCARCE = 1 << 30
"""Number of free bytes below which the doctor warns."""


def make_parent(path: Path) -> None:
    """Create the folder of the database file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DestinationRefused(
            f"The folder of the database file cannot be created ({error.strerror})",
            to=str(path),
            hint="Give the destination a path in a folder that Bucketlift may write to.",
        ) from error


def examine_file(path: Path, open_to_read: Callable[[], tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """Check the file and the free space. If the file exists, check its content with ``open_to_read`` too."""
    parent = next(each for each in path.absolute().parents if each.exists())
    if not path.exists():
        return (_absent(parent), _space(parent))
    try:
        found = open_to_read()
    except BucketliftError as error:
        found = (failed_check("open", error),)
    return (*found, _space(parent))


def failed_check(check: str, error: BucketliftError) -> Finding:
    """The finding for an error.

    If a person must act, the finding is that the check failed. If the error is transient, it is that the
    check could not be made.
    """
    health = Health.MISSING if isinstance(error, NeedsPerson) else Health.UNKNOWN
    return Finding(check=check, health=health, what=error.what, hint=error.hint)


def _absent(parent: Path) -> Finding:
    if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
        return Finding(
            check="open", health=Health.OK, what="The file does not exist yet; the first load creates it"
        )
    return Finding(
        check="open",
        health=Health.MISSING,
        what=f"The file does not exist and cannot be created in {parent}",
        hint="Give the user that runs Bucketlift permission to write there, or choose another path.",
    )


def _space(parent: Path) -> Finding:
    free = shutil.disk_usage(parent).free
    what = f"{free / 1e9:,.1f} GB are free"
    if free >= SCARCE:
        return Finding(check="space", health=Health.OK, what=what)
    hint = "Free some space: a load needs about twice the space of its rows."
    return Finding(check="space", health=Health.WARNING, what=what, hint=hint)
