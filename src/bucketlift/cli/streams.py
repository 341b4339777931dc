"""Standard streams whose errors do not end a command: a closed or full stream, a missing reader, a character
that cannot be encoded.
"""

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
"""Error numbers of a stream that its reader has closed, as in `| head`. These errors are no failures."""


class Sink(io.RawIOBase):
    """Writes to a file descriptor and ignores errors. The first error is stored in ``failure``."""

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
            except BlockingIOError:  # a non-blocking pipe: wait until its reader makes room
                select.select([], [self._descriptor], [])
            except OSError as error:
                self.failure = error
        return size

    @property
    def is_unread(self) -> bool:
        return self.failure is not None and self.failure.errno in _UNREAD


@dataclass(slots=True)
class _State:
    keeps_exit_code: bool = False


_state = _State()


def keep_exit_code() -> None:
    """Keep the exit code of a run, even if the result of the run cannot be written."""
    _state.keeps_exit_code = True


def keeps_exit_code() -> bool:
    return _state.keeps_exit_code


def set_up() -> None:
    """Replace this process's standard streams. Call this before any file is opened."""
    closed = [number for number in (0, 1, 2) if not _is_open(number)]
    for _ in closed:
        os.open(
            os.devnull, os.O_RDWR
        )  # takes the lowest free number, so that no other file becomes standard output
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - stays open until the process ends
    sys.stdout = _stream(1, sys.stdout, waits=True)
    sys.stderr = _stream(2, sys.stderr, waits=False)


def flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


def sink_of(stream: object) -> Sink | None:
    """Return the sink of a standard stream; None for another kind of stream, as in a test."""
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
        # Characters that the terminal lacks are shown as escape sequences.
        errors="backslashreplace",
        line_buffering=os.isatty(number) or not waits,
        write_through=bool(getattr(former, "write_through", False)),
    )
