"""RFC 4180 as one pattern, to tell whether a file keeps it: nothing here knows how the product reads."""

from __future__ import annotations

import re


def legal(records: bytes, *, delimiter: str, width: int) -> bool:
    """Whether these are records of so many cells, to the letter, and nothing else."""
    mark = re.escape(delimiter.encode())
    # Possessive and atomic, so that no input makes it try twice.
    cell = rb'(?>"(?>[^"\0]|"")*+"|[^"\r\n\0' + mark + rb"]*+)"
    not_blank = rb"(?!\r?\n)" if width == 1 else b""
    record = not_blank + cell + b"(?:" + mark + cell + b"){%d}" % (width - 1)
    return re.fullmatch(b"(?:" + record + rb"(?:\r?\n|\Z(?<!\n)))*+", records) is not None
