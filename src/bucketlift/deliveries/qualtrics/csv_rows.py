"""Lines of a CSV file for the platform."""

from __future__ import annotations

from collections.abc import Sequence


def csv_line(values: Sequence[str | None]) -> bytes:
    """A line with every value in quotes, so that no value is taken for something else."""
    cells = ('"' + (value or "").replace('"', '""') + '"' for value in values)
    return (",".join(cells) + "\r\n").encode()
