"""Reads the content of a file, and checks that the file does not change in the meantime."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from bucketlift.errors import ObjectChanged, ObjectGone
from bucketlift.model.source import SourceObject
from bucketlift.stores.files.port import FileState, OpenFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class UnchangedBody(io.RawIOBase):
    """Reads the whole file. At its end, both the open file and the file at the path must still have the
    listed size and time.
    """

    def __init__(self, source: SourceObject, file: OpenFile, state_at_path: Callable[[], FileState]) -> None:
        super().__init__()
        self._source, self._file, self._state_at_path = source, file, state_at_path
        self._at = 0
        require_same(file.state(), source)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        piece = self._file.read(self._at, min(len(view), self._source.size - self._at))
        view[: len(piece)] = piece
        self._at += len(piece)
        if not piece:
            self._check_end()
        return len(piece)

    def _check_end(self) -> None:
        if self._at != self._source.size:
            raise changed(self._source)
        require_same(self._file.state(), self._source)
        try:
            require_same(self._state_at_path(), self._source)
        except FileNotFoundError:
            raise changed(self._source) from None


def require_same(state: FileState, source: SourceObject) -> None:
    if not is_same(state, source):
        raise changed(source)


def is_same(state: FileState, source: SourceObject) -> bool:
    return (state.etag, state.size) == (source.etag, source.size)


def changed(source: SourceObject) -> ObjectChanged:
    return ObjectChanged(
        "The file is not as it was listed: a program writes to it, or replaced it", to=str(source)
    )


def gone(source: SourceObject) -> ObjectGone:
    return ObjectGone("No file exists at the path", to=str(source))
