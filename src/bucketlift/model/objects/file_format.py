"""How the rows of a load are written to a file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ObjectFormat(StrEnum):
    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    """One JSON object per line."""
    PARQUET = "parquet"


class ObjectCompression(StrEnum):
    """Of the whole file; of a Parquet file, the compression of its pages."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


class ObjectLineEnd(StrEnum):
    LF = "lf"
    CRLF = "crlf"


class Quoting(StrEnum):
    """Which cells are written in quotes."""

    NEEDED = "needed"
    """Those that a reader would otherwise read differently."""
    ALL = "all"
    """All but nulls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDialect:
    """How a CSV or TSV file is written."""

    delimiter: str | None = None
    """None: a comma, or a tab in a TSV file."""
    quote: str = '"'
    quoting: Quoting = Quoting.NEEDED
    header: bool = True
    line_end: ObjectLineEnd = ObjectLineEnd.LF
    bom: bool = False
    """Whether the file starts with a byte order mark, which Excel needs to read UTF-8."""
    null_text: str = ""
    """The text of a null. It is written without quotes; a text that is equal to it is written in quotes."""


_EXTENSIONS = {ObjectCompression.GZIP: ".gz", ObjectCompression.ZSTD: ".zst"}


def extension(file_format: ObjectFormat, compression: ObjectCompression, *, encrypted: bool) -> str:
    """The end of a file's name: ``.csv.gz.pgp``."""
    packed = "" if file_format is ObjectFormat.PARQUET else _EXTENSIONS.get(compression, "")
    return f".{file_format.value}{packed}{'.pgp' if encrypted else ''}"
