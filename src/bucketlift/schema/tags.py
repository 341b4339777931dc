"""The shape of a workflow's tags."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from bucketlift.schema.shape import invalid
from bucketlift.schema.values import Text

LONGEST, MOST = 40, 20
"""Maximum number of characters of a tag, and of tags of a workflow."""


def _tag(value: str) -> str:
    words = " ".join(value.split())
    if len(words) > LONGEST or "," in words or not words.isprintable():
        raise invalid(
            "not a tag", f"Write up to {LONGEST} characters without commas, such as payroll or team-hr."
        )
    return words


def _few(values: list[str]) -> list[str]:
    found = list(dict.fromkeys(values))
    if len(found) > MOST:
        raise invalid(f"a workflow has at most {MOST} tags", "Remove some of them.")
    return found


Tags = Annotated[list[Annotated[Text, AfterValidator(_tag)]], AfterValidator(_few)]
