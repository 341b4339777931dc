"""Finds the folders that a key prefix without a final slash matches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bucketlift.model.workflow import Delete, ExtractTask, Move

SHOWN = 20
"""Maximum number of folders in a list."""
MOST = 10_000
"""Maximum number of folders that are counted separately. The files in all further folders have one common
count.
"""
LONGEST = 200
"""Maximum number of characters of a folder's name that are shown."""


def is_partial(prefix: str) -> bool:
    """Whether a prefix may end inside a folder's name.

    False for the empty prefix, which is the whole bucket.
    """
    return bool(prefix) and not prefix.endswith("/")


def folder_of(key: str, prefix: str) -> str | None:
    """The folder of a key with this prefix: the key up to the first slash after the prefix.

    None if no slash follows. The file's own name then starts with the end of the prefix.
    """
    end = key.find("/", len(prefix))
    return None if end < 0 else key[: end + 1]


@dataclass(slots=True, kw_only=True)
class Reach:
    """The folders that a prefix matches, each with its number of files."""

    prefix: str
    folders: Counter[str] = field(default_factory=Counter)
    loose: int = 0
    """Number of files that are not in a folder below the prefix."""
    uncounted: int = 0
    """Number of files in the folders that are not counted separately."""

    def add(self, key: str) -> None:
        if (folder := folder_of(key, self.prefix)) is None:
            self.loose += 1
        elif folder in self.folders or len(self.folders) < MOST:
            self.folders[folder] += 1
        else:
            self.uncounted += 1

    @property
    def is_several(self) -> bool:
        """Whether a prefix without a final slash matches more than one folder, or a folder and single files."""
        return is_partial(self.prefix) and len(self.folders) + bool(self.loose) > 1

    @property
    def likely(self) -> str:
        """The folder that the user probably meant: the folder with exactly this name, otherwise the first
        one.
        """
        exact = f"{self.prefix}/"
        return exact if exact in self.folders else min(self.folders, default=exact)

    def listed(self) -> list[dict[str, Any]]:
        """The listed folders with their numbers of files, sorted by name, as JSON values."""
        named = [
            {"folder": name[:LONGEST], "files": self.folders[name]} for name in sorted(self.folders)[:SHOWN]
        ]
        loose = [{"folder": f"{self.prefix}*", "files": self.loose}] if self.loose else []
        return [*loose, *named]

    @property
    def unlisted(self) -> int:
        """The number of folders that are not in the list.

        Folders that are not counted separately count as one.
        """
        return max(len(self.folders) - SHOWN, 0) + bool(self.uncounted)

    def __str__(self) -> str:
        shown = [f"{each['folder']} ({each['files']:,})" for each in self.listed()]
        return ", ".join([*shown, *([f"and {self.unlisted:,} more"] if self.unlisted else [])])


def prefix_notes(task: ExtractTask) -> Iterator[str]:
    """Yield warnings about the prefixes of an extract task that follow from its definition alone."""
    prefix, action = task.selection.prefix, task.after_import
    if is_partial(prefix):
        taken = "loads and deletes" if isinstance(action, Delete) else "takes"
        yield (
            f"prefix `{prefix}` does not end in `/`: it {taken} every file whose key begins with it, also in other "
            f"folders, such as `{prefix}-old/`; to take one folder only, write its whole name with the `/`: `{prefix}/`"
        )
    if isinstance(action, Move) and is_partial(action.prefix):
        yield (
            f"prefix `{action.prefix}` of the move does not end in `/`: it is put before the whole key, so "
            f"`{prefix}...` becomes `{action.prefix}{prefix}...`; write `{action.prefix}/` to move into a folder"
        )
