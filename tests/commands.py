"""A command of Bucketlift in the process of the test: as the installed one, without a second for its start."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bucketlift.cli import entry
from bucketlift.logs import log


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def command(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, *, stdin: str | io.StringIO = ""
) -> Answered:
    """Run it with exactly this environment, in this folder; no stream is a terminal unless ``stdin`` is one."""
    out, err = _stream(), _stream()
    with (
        patch.dict(os.environ, environment, clear=True),
        patch.object(sys, "stdin", io.StringIO(stdin) if isinstance(stdin, str) else stdin),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _logs_unset(),
    ):
        code = entry.run(arguments)
    return Answered(code=code, out=_written(out), err=_written(err))


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace", write_through=True)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode(stream.encoding)


@contextlib.contextmanager
def _logs_unset() -> Iterator[None]:
    """As in a new process, and afterwards as before."""
    with patch.object(log, "_as_json", None):
        yield
