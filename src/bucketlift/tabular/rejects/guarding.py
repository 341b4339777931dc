"""Protects cells so that spreadsheets do not run them as formulas, and removes the protection exactly."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001 - so is meant
"""The characters with which a formula starts (OWASP, "CSV Injection"). The wide characters are Japanese
forms.
"""
MISSING = "<missing>"
"""The text in place of a cell that is not known. A cell that really has this text is protected like a
formula.
"""
GUARD = "'"


def guard(cell: str) -> str:
    """Add an apostrophe before a formula, and before apostrophes that a formula follows.

    A formula that already had an apostrophe gets a second one, so that both can be distinguished. All other
    cells are unchanged, also those that start with an apostrophe.
    """
    return f"{GUARD}{cell}" if _doubtful(cell) else cell


def unguard(cell: str) -> str:
    """Remove the apostrophe that ``guard`` added. A formula without an apostrophe is unchanged."""
    return cell[1:] if cell.startswith(GUARD) and _doubtful(cell) else cell


def _doubtful(cell: str) -> bool:
    bare = cell.lstrip(GUARD)
    return bare.startswith(FORMULA_STARTS) or bare == MISSING
