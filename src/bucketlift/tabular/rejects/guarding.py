"""Guards cells so that spreadsheets do not run them as formulas, and removes the guard exactly."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001 - so is meant
"""OWASP, "CSV Injection": a cell that starts with one of these is a formula. The wide characters are Japanese
forms.
"""
MISSING = "<missing>"
"""Replaces a cell that is not known. A cell that really has this text is guarded like a formula."""
GUARD = "'"


def guard(cell: str) -> str:
    """Put one apostrophe before a formula, and before apostrophes followed by one.

    A formula that already had an apostrophe gets a second one, so both can be distinguished. All other cells
    are unchanged, also those that start with an apostrophe.
    """
    return f"{GUARD}{cell}" if _doubtful(cell) else cell


def unguard(cell: str) -> str:
    """Reverse ``guard``. A formula written without an apostrophe is unchanged."""
    return cell[1:] if cell.startswith(GUARD) and _doubtful(cell) else cell


def _doubtful(cell: str) -> bool:
    bare = cell.lstrip(GUARD)
    return bare.startswith(FORMULA_STARTS) or bare == MISSING
