"""Standard streams that end no command: closed, full, without a reader, or in an encoding that lacks a character."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_UNREAD = frozenset({errno.EPIPE, errno.EBADF, errno.ECONNRESET})
"""No process reads what is written: that is the reader's wish, as with `| head`, and no failure."""


class Sink(io.RawIOBase):
    """Writes to a descriptor, and goes on as if it had where that fails; ``failure`` is the first reason."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: ReadableBuffer, /) -> int:
        left = memoryview(data).cast("B")
        size = len(left)
        while left and self.failure is None:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:  # a pipe that does not block: wait until its reader made room
                select.select([], [self._descriptor], [])
            except OSError as error:
                self.failure = error
        return size

    @property
    def is_unread(self) -> bool:
        return self.failure is not None and self.failure.errno in _UNREAD


@dataclass(slots=True)
class _Wishes:
    code_stands: bool = False


_wishes = _Wishes()


def let_code_stand() -> None:
    """The exit code is that of a run, whether its answer could be written or not."""
    _wishes.code_stands = True


def code_stands() -> bool:
    return _wishes.code_stands


def set_up() -> None:
    """Put such streams in the place of this process's own. To be called before any file is opened."""
    closed = [number for number in (0, 1, 2) if not _is_open(number)]
    for _ in closed:
        os.open(os.devnull, os.O_RDWR)  # the lowest free number: no file of ours may become standard output
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor, open for good
    sys.stdout = _stream(1, sys.stdout, waits=True)
    sys.stderr = _stream(2, sys.stderr, waits=False)


def flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


def sink_of(stream: object) -> Sink | None:
    """None of a stream that is not one of these, as in a test."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw if isinstance(raw, Sink) else None


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _stream(number: int, former: object, *, waits: bool) -> io.TextIOWrapper:
    if isinstance(former, io.TextIOWrapper):
        with suppress(OSError, ValueError):
            former.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(Sink(number)),
        encoding=getattr(former, "encoding", None) or "utf-8",
        # A key that the terminal has no characters for is shown by their numbers.
        errors="backslashreplace",
        line_buffering=os.isatty(number) or not waits,
        write_through=bool(getattr(former, "write_through", False)),
    )
