"""The body of an answer to a pinned GET: exactly the expected bytes, or an error."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bucketlift.errors import StoreUnavailable
from bucketlift.stores.calls import FOREIGN, translated
from bucketlift.stores.translation import translate

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Reopen = Callable[[int], Any]
"""Opens the object's pinned version again and reads from this byte on."""

RESUMES = 3


class PinnedBody(io.RawIOBase):
    """Reads ``size`` bytes. If the connection breaks, it continues at the same position, a limited number of
    times.
    """

    def __init__(self, *, size: int, md5: str | None, to: str, reopen: Reopen) -> None:
        super().__init__()
        self._size = size
        self._md5 = md5
        self._to = to
        self._reopen = reopen
        self._body = reopen(0)
        self._at = 0
        self._digest = hashlib.md5(usedforsecurity=False)
        self._resumes = RESUMES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        piece = self._piece(min(len(view), self._size - self._at))
        view[: len(piece)] = piece
        if self._md5 is not None:  # only if needed: MD5 is slower than the SHA-256 that is always computed
            self._digest.update(piece)
        self._at += len(piece)
        if piece and self._at == self._size:
            self._check_whole()
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()

    def _piece(self, size: int) -> bytes:
        while size:
            try:
                piece: bytes = self._body.read(size)
            except FOREIGN as error:
                self._resume(error)
                continue
            if piece:
                return piece
            self._resume(StoreUnavailable("The body ended early", to=self._to))
        return b""

    def _resume(self, broken: Exception) -> None:
        if self._resumes == 0:
            raise translate(broken, self._to) from broken
        self._resumes -= 1
        self._body.close()
        with translated(self._to):
            self._body = self._reopen(self._at)

    def _check_whole(self) -> None:
        """Check the length and MD5 before the last bytes are returned. Reading to the end also makes botocore
        compare its own checksum.
        """
        with translated(self._to):
            more = self._body.read(1)
        if more:
            raise StoreUnavailable("The body is longer than the listed size", to=self._to)
        if self._md5 is not None and self._digest.hexdigest() != self._md5:
            raise StoreUnavailable("The body does not match its ETag", to=self._to)
