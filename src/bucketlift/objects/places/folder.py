"""A folder of this machine."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bucketlift.errors import (
    AccessRefused,
    BucketliftError,
    NeedsPerson,
    NotFound,
    PlaceTaken,
    StoreUnavailable,
)
from bucketlift.model.finding import Finding, Health
from bucketlift.objects.formats.write import CHUNK, sha256_of
from bucketlift.objects.places.place import TEMPORARY, Expected

_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_MISSING = "The folder does not exist"
_MISSING_HINT = "Create it, or mount the disk that contains it."


class FolderPlace:
    """Implements ``StagedPlace``. The folder must exist; folders below it are created."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: Path, owner: str) -> None:
        self.stage(name, content, owner)
        self.publish(name, owner)

    def stage(self, name: str, content: Path, owner: str) -> None:
        temporary = self._temporary(name, owner)
        with self._translated(name):
            self._require_folder()
            temporary.parent.mkdir(parents=True, exist_ok=True)
            with content.open("rb") as source, temporary.open("wb") as file:
                shutil.copyfileobj(source, file, CHUNK)
                file.flush()
                os.fsync(file.fileno())

    def publish(self, name: str, owner: str) -> None:
        temporary, path = self._temporary(name, owner), self._folder / name
        with self._translated(name):
            _link(temporary, path)
            temporary.unlink(missing_ok=True)
            self._sync_folders(path.parent)

    def holds(self, name: str, expected: Expected) -> bool | None:
        return self._holds(self._folder / name, name, expected)

    def holds_staged(self, name: str, owner: str, expected: Expected) -> bool | None:
        return self._holds(self._temporary(name, owner), name, expected)

    def discard(self, name: str, owner: str) -> None:
        with suppress(OSError):
            self._temporary(name, owner).unlink(missing_ok=True)

    def address(self, name: str) -> str:
        return str(self._folder / name)

    def examine(self) -> tuple[Finding, ...]:
        name, owner = f"{TEMPORARY.removeprefix('.')}-{secrets.token_hex(8)}{TEMPORARY}", secrets.token_hex(8)
        content = self._temporary(name, f"{owner}-content")
        try:
            with self._translated(""):
                self._require_folder()
                content.write_bytes(b"Bucketlift wrote this file to see whether it can. It may be deleted.\n")
            self.put(name, content, owner)
        except BucketliftError as error:
            return (Finding(check="folder", health=Health.MISSING, what=error.what, hint=error.hint),)
        finally:
            for each in (content, self._folder / name, self._temporary(name, owner)):
                with suppress(OSError):
                    each.unlink(missing_ok=True)
        return (Finding(check="folder", health=Health.OK, what="Files can be created here"),)

    def _temporary(self, name: str, owner: str) -> Path:
        return (self._folder / name).parent / f".{owner}{TEMPORARY}"

    def _require_folder(self) -> None:
        if not self._folder.is_dir():
            raise NotFound(_MISSING, to=str(self._folder), hint=_MISSING_HINT)

    def _holds(self, path: Path, name: str, expected: Expected) -> bool | None:
        with self._translated(name):
            try:
                return (
                    path.is_file() and sha256_of(path) == expected.sha256 if os.path.lexists(path) else None
                )
            except FileNotFoundError:
                return None

    def _sync_folders(self, folder: Path) -> None:
        """Make the names durable, also those of folders that were just created."""
        while folder.is_relative_to(self._folder):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            folder = folder.parent

    @contextmanager
    def _translated(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _ours(error, self.address(name)) from error


def _link(temporary: Path, path: Path) -> None:
    """Give a file a second name. Unlike a rename, this never replaces another file."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise PlaceTaken("Another file already has this name", to=str(path)) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        raise NeedsPerson(
            f"The file system cannot give a file a second name ({_words(error)}), so a file could be overwritten",
            to=str(path),
            hint="Choose a folder on a file system with hard links, such as ext4, xfs or NFS.",
        ) from error


def _ours(error: OSError, to: str) -> BucketliftError:
    if error.errno in _REFUSED:
        hint = "Give the user that runs Bucketlift the right to write there."
        return AccessRefused(f"The folder cannot be used ({_words(error)})", to=to, hint=hint)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreUnavailable(f"The disk is full ({_words(error)})", to=to, hint="Make room on it.")
    return StoreUnavailable(f"The folder cannot be used now ({_words(error)})", to=to)


def _words(error: OSError) -> str:
    return f"{errno.errorcode.get(error.errno or 0, 'OSError')}: {error.strerror}"
