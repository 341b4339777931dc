"""Parses the status lines of gpg (doc/DETAILS of GnuPG)."""

from __future__ import annotations

from dataclasses import dataclass

_PREFIX = b"[GNUPG:] "


@dataclass(frozen=True, slots=True)
class Statuses:
    """The keywords of status lines with their arguments, in order."""

    lines: tuple[tuple[str, tuple[str, ...]], ...]

    def __contains__(self, word: str) -> bool:
        return any(each == word for each, _ in self.lines)

    def count(self, word: str) -> int:
        return sum(each == word for each, _ in self.lines)

    def of(self, word: str) -> list[tuple[str, ...]]:
        """The arguments of each status line with the keyword ``word``."""
        return [arguments for each, arguments in self.lines if each == word]

    def words(self) -> list[str]:
        return [word for word, _ in self.lines]


def parse(output: bytes) -> Statuses:
    """Parse the status lines of gpg. Lines in another format are ignored."""
    lines = [
        line[len(_PREFIX) :].decode("ascii", "replace").split(" ")
        for line in output.split(b"\n")
        if line.startswith(_PREFIX)
    ]
    return Statuses(tuple((line[0], tuple(line[1:])) for line in lines))
