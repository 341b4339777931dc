"""The requests that the server received, in order, for assertions in tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    operation: str
    bucket: str
    key: str
    status: int
    """The status of the answer; 0 if no answer was sent."""


class RequestLog:
    def __init__(self) -> None:
        self._lines: list[Logged] = []
        self._lock = threading.Lock()

    def add(self, line: Logged) -> None:
        with self._lock:
            self._lines.append(line)

    def clear(self) -> None:
        with self._lock:
            self._lines.clear()

    def __iter__(self) -> Iterator[Logged]:
        with self._lock:
            return iter(tuple(self._lines))

    def operations(self) -> list[str]:
        return [line.operation for line in self]
