"""Checks whether a mended row belongs to the reject whose position it names."""

from __future__ import annotations

from bucketlift.model.mending import Origin
from bucketlift.model.rows import Reject

_COMPARED = 10_000
"""Number of characters compared; spreadsheets cut longer texts."""


def belongs_to(origin: Origin, reject: Reject, text: str) -> bool:
    """Whether the row belongs to this reject. Compares the original bytes if the row has them, otherwise the text if the
    row has no file name. True if there is nothing to compare.
    """
    if origin.raw is not None:
        return origin.raw == reject.raw
    return origin.file is not None or origin.text is None or _core(origin.text) == _core(text)


def _core(text: str) -> str:
    """The text without blanks and line ends, which spreadsheets change."""
    return "".join(text.replace("\0", "\ufffd")[:_COMPARED].split())
