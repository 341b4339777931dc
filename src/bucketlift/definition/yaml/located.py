"""A document as plain values, with the position of each value in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bucketlift.definition.yaml.problems import Path, Problem, dotted


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    name: str
    """The name that errors use for the file."""
    value: Any
    lines: dict[Path, int]
    """The line (from 1) of each key and list item."""
    inherited: Mapping[Path, Path] = field(default_factory=dict)
    """For each key that a task has from the defaults, the path of this key in ``defaults``."""

    def at(self, path: Path) -> Any:
        value = self.value
        for step in path:
            value = value[step]
        return value

    def line(self, path: Path) -> int:
        """The line of the value at a path; if it has none, the line of the closest value that contains it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(
        self,
        what: str,
        path: Path,
        hint: str = "",
        *,
        line_of: Path | None = None,
        unavailable: bool = False,
    ) -> Problem:
        """A problem with the value at a path. ``line_of`` is another path, if that has the more exact line."""
        path = self._origin(path)
        line = self.line(path if line_of is None else self._origin(line_of))
        to = f"{self.name} line {line}" + (f" ({dotted(path)})" if path else "")
        return Problem(what=what, to=to, hint=hint, line=line, unavailable=unavailable, path=path)

    def _origin(self, path: Path) -> Path:
        for length in range(len(path), 0, -1):
            if origin := self.inherited.get(path[:length]):
                return (*origin, *path[length:])
        return path
