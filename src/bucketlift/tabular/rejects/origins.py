"""Checks whether a mended row belongs to the reject at the position that the row names."""

from __future__ import annotations

from bucketlift.model.mending import Origin
from bucketlift.model.rows import Reject

_COMPARED = 10_000
"""Number of characters that are compared, because spreadsheets cut longer texts."""


def belongs_to(origin: Origin, reject: Reject, text: str) -> bool:
    """Whether the row belongs to this reject. The original bytes are compared if the row has them, otherwise
    the text if the row has no file name. True if there is nothing to compare.
    """
    if origin.raw is not None:
        return origin.raw == reject.raw
    return origin.file is not None or origin.text is None or _core(origin.text) == _core(text)


def _core(text: str) -> str:
    """The text without blanks and line ends, because spreadsheets change these."""
    return "".join(text.replace("\0", "\ufffd")[:_COMPARED].split())
