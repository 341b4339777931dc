"""How many examples Hypothesis tries: a tenth by default (5 at least), and all of them with BUCKETLIFT_EXAMPLES=full."""

from __future__ import annotations

import os

from hypothesis import settings

FULL = os.environ.get("BUCKETLIFT_EXAMPLES") == "full"
USUAL = 100
"""For a test that names no number, in a full run."""


def examples(full: int) -> int:
    """The number of examples of this run, for a test that tries ``full`` of them in a full run."""
    return full if FULL else max(5, full // 10)


def load_profile() -> None:
    """For this process. A failure prints what repeats it, because most runs try other examples."""
    settings.register_profile("bucketlift", max_examples=examples(USUAL), print_blob=True, deadline=None)
    settings.load_profile("bucketlift")
