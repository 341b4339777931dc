"""Suggests the known word that is most similar to an unknown word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint with the known word that is most similar; if none is, a hint with all known words."""
    words = sorted(set(known))
    lowered = {each.lower(): each for each in words}
    if found := difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6):
        return f"Did you mean `{lowered[found[0]]}`?"
    return f"It can be one of: {', '.join(map(_shown, words))}." if words else "There is none yet."


def _shown(word: str) -> str:
    """The word as it is written in a sentence.

    A single sign is put in quotes, because it would look like punctuation.
    """
    return f'"{word}"' if len(word) == 1 and not word.isalnum() else word
