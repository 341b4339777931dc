"""An object store in a folder or on an SFTP server. There are no versions, so a file is pinned by its size
and time.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import BinaryIO, cast

from bucketlift.errors import AccessRefused, BucketliftError, NotFound, PlaceTaken, RequestWrong
from bucketlift.model.account import FileAccount
from bucketlift.model.finding import Examination
from bucketlift.model.source import (
    Digest,
    Honoured,
    ListedObject,
    Place,
    Precondition,
    Restore,
    Selection,
    SourceObject,
    StoreId,
)
from bucketlift.model.workflow import AfterImport
from bucketlift.rules.naming import OWN_SUFFIX
from bucketlift.stores.files.body import UnchangedBody, changed, gone, is_same, require_same
from bucketlift.stores.files.port import Files, FileState
from bucketlift.stores.files.walking import walk

CHUNK = 1 << 20
YOUNG = 60.0
"""Maximum age of a young file in seconds, by its time of change. A young file is read only some time after
its listing.
"""
QUIET = 2.0
"""Minimum seconds between the listing and the reading of a young file. If the file changes in this time, a
program still writes to it.
"""
WEAK = frozenset({Precondition.DELETE, Precondition.DELETE_EACH})
"""The preconditions that no file system obeys, because none compares a file and deletes it in one step: see
decision 0065.
"""


class FileStore:
    """Implements ``ports.ObjectStore``. A bucket is a folder directly below the account's folder. An empty
    bucket means the account's folder itself.
    """

    def __init__(
        self, files: Files, account: FileAccount, *, pause: Callable[[float], object] = time.sleep
    ) -> None:
        self._files, self._account, self._pause = files, account, pause
        self._listed_at = 0.0

    @property
    def store(self) -> StoreId:
        return self._account.store

    @property
    def multipart_threshold(self) -> int:
        return sys.maxsize

    def close(self) -> None:
        self._files.close()

    def now(self) -> datetime | None:
        """The present time for a folder, from this machine's clock; None for an SFTP server, which does not
        show its time.
        """
        return datetime.now(UTC) if self._account.kind == "folder" else None

    def find(self, selection: Selection) -> Iterator[ListedObject]:
        try:
            for key, state in walk(self._files, selection.bucket, selection.prefix):
                yield ListedObject(key=key, etag=state.etag, size=state.size, modified=state.modified_at)
        except FileNotFoundError:
            raise self._no_folder(selection.bucket) from None
        self._listed_at = time.monotonic()

    @contextmanager
    def open(self, source: SourceObject) -> Iterator[BinaryIO]:
        path = self._path(source.bucket, source.key)
        self._wait_if_young(source, path)
        try:
            with self._files.open(path) as file:
                body = UnchangedBody(source, file, lambda: self._files.state(path))
                with io.BufferedReader(body, CHUNK) as reader:
                    yield cast("BinaryIO", reader)
        except FileNotFoundError:
            raise gone(source) from None

    def beginning(self, source: SourceObject, most: int) -> bytes:
        with self.open(source) as body:
            return body.read(most)

    def readable(self, source: SourceObject) -> bool:
        self._require(source)
        return True

    def restore(self, source: SourceObject, restore: Restore) -> None:  # noqa: ARG002 - of the port
        raise RequestWrong(
            "Only S3 has archive tiers", to=str(source), hint="Remove `restore` from the task."
        )

    def copy(self, source: SourceObject, to: Place, *, storage_class: str | None = None) -> None:  # noqa: ARG002 - of the port
        """Copy a file. If the file system supports it, the copy is a second path of the same file; otherwise
        the bytes are copied.
        """
        path, new = self._path(source.bucket, source.key), self._path(to.bucket, to.key)
        self._require(source)
        self._require_bucket(to.bucket)
        try:
            self._files.make_folders(new.rpartition("/")[0])
            if not self._files.link(path, new):
                self._copy_bytes(source, path, new)
            elif not is_same(self._files.state(new), source):
                self._files.remove(new)
                raise changed(source)
        except FileExistsError:
            raise PlaceTaken("Another file already exists at the path", to=str(to)) from None
        except FileNotFoundError:
            self._require(source)
            raise NotFound(
                "A folder of the path cannot be used: it is a file or a symbolic link, or it was removed meanwhile",
                to=str(to),
                hint="Choose another `prefix` for the action, or make it a folder.",
            ) from None

    def digest(self, place: Place) -> Digest | None:
        sha256, size = hashlib.sha256(), 0
        try:
            with self._files.open(self._path(place.bucket, place.key)) as file:
                while piece := file.read(size, CHUNK):
                    sha256.update(piece)
                    size += len(piece)
        except FileNotFoundError:
            return None
        return Digest(size=size, sha256=sha256.hexdigest())

    def delete(self, source: SourceObject) -> None:
        """Rename the file to a private name, compare it, and delete it only if it is still the loaded file.

        If another file has replaced the loaded one, that file gets its name back. A program that has the
        loaded file open can still write to it, so this is not a conditional delete. The private name is the
        same in each attempt, so that the next attempt finishes an interrupted one.
        """
        path = self._path(source.bucket, source.key)
        private = _beside(path, _mark_of(source))
        if self._state(private) is None:
            self._require(source)
            with suppress(FileNotFoundError):
                self._files.take_away(path, private)
        found = self._state(private)
        if found is None:
            raise gone(source)
        if not is_same(found, source):
            self._put_back(private, found, path)
            raise changed(source)
        with suppress(FileNotFoundError):
            self._files.remove(private)

    def delete_each(self, sources: Sequence[SourceObject]) -> list[BucketliftError | None]:
        return [_error_of(lambda source=source: self.delete(source)) for source in sources]  # type: ignore[misc]

    def probe(self, precondition: Precondition, at: Place) -> Honoured:
        """Test with two files of our own whether a new file overwrites an existing one. Deletes are never
        conditional in a folder, so for them the result is always ``NO``.
        """
        if precondition in WEAK:
            return Honoured.NO
        folder = self._path(at.bucket, at.key).rpartition("/")[0]
        try:
            return self._probe_in(folder)
        except AccessRefused:
            return Honoured.DENIED

    def examine(self, selection: Selection | None, after_import: AfterImport) -> Examination:
        from bucketlift.stores.files.doctor import examine  # noqa: PLC0415 - it uses this class

        return examine(self, self._files, self._account, selection, after_import)

    def _probe_in(self, folder: str) -> Honoured:
        probes = f"{folder}/{OWN_SUFFIX}".removeprefix("/")
        names = [f"{probes}/{secrets.token_hex(8)}" for _ in range(2)]
        is_new = not self._exists(folder)
        self._files.make_folders(probes)
        try:
            for name in names:
                self._files.write(name, [name.encode()])
            return Honoured.YES if self._keeps_existing(*names) else Honoured.NO
        finally:
            for name in names:
                with suppress(FileNotFoundError, BucketliftError):
                    self._files.remove(name)
            self._files.remove_folder(probes)
            if is_new:
                self._files.remove_folder(folder)

    def _keeps_existing(self, one: str, two: str) -> bool:
        for attempt in (self._files.link, self._files.rename):
            with suppress(FileExistsError):
                if attempt(one, two) is not False:
                    return False
        return True

    def _copy_bytes(self, source: SourceObject, path: str, new: str) -> None:
        part = _beside(new, secrets.token_hex(8))
        with self._files.open(path) as file:
            body = UnchangedBody(source, file, lambda: self._files.state(path))
            modified = file.state().modified
            pieces = iter(lambda: body.read(CHUNK) or b"", b"")
            self._files.write(part, pieces, modified=modified)
        try:
            self._files.rename(part, new)
        except BaseException:
            with suppress(FileNotFoundError, BucketliftError):
                self._files.remove(part)
            raise

    def _put_back(self, private: str, found: FileState, path: str) -> None:
        """Give a file its name back. If a newer file has the name, the file gets another name in the same
        folder.
        """
        with suppress(FileExistsError):
            self._files.rename(private, path)
            return
        if self._state(path) == found:
            self._files.remove(private)  # an earlier attempt was interrupted between two steps
            return
        stem, dot, extension = path.rpartition(".") if "." in path.rpartition("/")[2] else (path, "", "")
        self._files.rename(private, f"{stem}~{secrets.token_hex(4)}{dot}{extension}")

    def _wait_if_young(self, source: SourceObject, path: str) -> None:
        state = self._state(path)
        if state is None:
            raise gone(source)
        require_same(state, source)
        if not self._listed_at:
            self._listed_at = time.monotonic()
        rest = self._listed_at + QUIET - time.monotonic()
        if rest > 0 and time.time() - state.modified / 10**9 < YOUNG:
            self._pause(rest)

    def _require(self, source: SourceObject) -> None:
        state = self._state(self._path(source.bucket, source.key))
        if state is None:
            raise gone(source)
        require_same(state, source)

    def _require_bucket(self, bucket: str) -> None:
        if not self._exists(bucket):
            raise self._no_folder(bucket)

    def _exists(self, folder: str) -> bool:
        try:
            self._files.require_folder(folder)
        except FileNotFoundError:
            return False
        return True

    def _no_folder(self, bucket: str) -> NotFound:
        return NotFound(
            "The folder does not exist",
            to=f"{self._files.name}/{bucket}".rstrip("/"),
            hint="Create it, or correct the account's `path`. If it is on another disk or server, check that it is mounted.",
        )

    def _state(self, path: str) -> FileState | None:
        try:
            return self._files.state(path)
        except FileNotFoundError:
            return None

    def _path(self, bucket: str, key: str) -> str:
        return f"{bucket}/{key}" if bucket else key


def _beside(path: str, mark: str) -> str:
    """A path in the same folder that no task ever selects, because it ends with Bucketlift's own suffix."""
    folder, slash, _ = path.rpartition("/")
    return f"{folder}{slash}.{mark}{OWN_SUFFIX}"


def _mark_of(source: SourceObject) -> str:
    return hashlib.sha256(source.identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _error_of(do: Callable[[], None]) -> BucketliftError | None:
    try:
        do()
    except BucketliftError as error:
        return error
    return None
