"""What a run says that has no file to show."""

from __future__ import annotations

from typing import Any

import pytest

from bucketlift.cli.commands.run import _why_no_files

MISSPELT = "No object is selected: is the prefix right? `--dry-run` shows every key in the bucket."
AWAY = {"what": "The store could not be reached", "to": "s3://drop/in/", "hint": "Check the endpoint."}


def extract(*, known: int, error: dict[str, str] | None = None) -> dict[str, Any]:
    return {"id": "files", "files": {"found": 0, "known": known}, "error": error}


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (extract(known=0), MISSPELT),
        (extract(known=3), "No new files."),
        (extract(known=0, error=AWAY), ""),
    ],
    ids=["empty", "all known", "failed"],
)
def test_the_prefix_is_in_doubt_only_if_the_listing_succeeded(task: dict[str, Any], said: str) -> None:
    assert _why_no_files([task]) == said
