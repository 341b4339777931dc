"""How much is measured: a size that takes minutes, the whole, and one for a smoke test."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """MB are 10^6 bytes."""

    big_mb: int
    """Into DuckDB and PostgreSQL."""
    middle_mb: int
    """Into SQLite, and what slow peers take."""
    huge_mb: int
    """For growth and memory."""
    files: int
    """Small files that are loaded and deleted."""
    few_files: int
    many_files: int
    known_keys: int
    """Listed, and nothing new among them."""
    cell_mb: int
    """One cell."""
    rounds: int


SIZES = {
    "tiny": Sizes(
        big_mb=2,
        middle_mb=1,
        huge_mb=4,
        files=20,
        few_files=10,
        many_files=40,
        known_keys=1_500,
        cell_mb=1,
        rounds=1,
    ),
    "short": Sizes(
        big_mb=50,
        middle_mb=10,
        huge_mb=200,
        files=500,
        few_files=200,
        many_files=2_000,
        known_keys=20_000,
        cell_mb=10,
        rounds=3,
    ),
    "full": Sizes(
        big_mb=1_000,
        middle_mb=100,
        huge_mb=10_000,
        files=10_000,
        few_files=1_000,
        many_files=100_000,
        known_keys=1_000_000,
        cell_mb=100,
        rounds=3,
    ),
}
