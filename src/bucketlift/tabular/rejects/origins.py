"""Whether a mended row is of the reject whose place it names."""

from __future__ import annotations

from bucketlift.model.mending import Origin
from bucketlift.model.rows import Reject

_COMPARED = 10_000
"""Characters of a text; spreadsheets cut longer ones."""


def is_of(origin: Origin, reject: Reject, text: str) -> bool:
    """True too where the row does not tell. Where it names its file, what became of the text has no effect."""
    if origin.raw is not None:
        return origin.raw == reject.raw
    return origin.file is not None or origin.text is None or _core(origin.text) == _core(text)


def _core(text: str) -> str:
    """Without blanks and line ends, which spreadsheets change."""
    return "".join(text.replace("\0", "\ufffd")[:_COMPARED].split())
