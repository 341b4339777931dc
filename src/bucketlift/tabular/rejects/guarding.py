"""Cells that no spreadsheet takes for a formula, and the exact way back."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001 - so is meant
"""OWASP, "CSV Injection": a spreadsheet takes a cell that begins so for a formula. The wide ones are Japanese."""
MISSING = "<missing>"
"""In place of a cell that is not known. A cell that really says so is guarded like a formula."""
GUARD = "'"


def guard(cell: str) -> str:
    """Put one apostrophe before a formula, and before apostrophes that stand before one.

    So a guarded formula is told from a cell that had its apostrophe already: that one gets a second. All other
    cells stay as they are, those that begin with an apostrophe among them.
    """
    return f"{GUARD}{cell}" if _doubtful(cell) else cell


def unguard(cell: str) -> str:
    """What ``guard`` made this of. A formula that somebody wrote without an apostrophe stays as it is."""
    return cell[1:] if cell.startswith(GUARD) and _doubtful(cell) else cell


def _doubtful(cell: str) -> bool:
    bare = cell.lstrip(GUARD)
    return bare.startswith(FORMULA_STARTS) or bare == MISSING
