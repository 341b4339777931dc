"""Streams that compress what is written to them, with nothing in them that depends on the time or the machine."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from bucketlift.model.objects.file_format import ObjectCompression

GZIP_LEVEL = 6


@contextmanager
def compressed(file: BinaryIO, compression: ObjectCompression) -> Iterator[BinaryIO]:
    """A stream whose compressed bytes go to the file. It is complete when the block ends."""
    match compression:
        case ObjectCompression.NONE:
            yield file
        case ObjectCompression.GZIP:
            with gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as stream:
                yield cast("BinaryIO", stream)
        case ObjectCompression.ZSTD:
            import pyarrow as pa  # noqa: PLC0415 - heavy, and not every file is zstd

            with pa.CompressedOutputStream(cast("io.IOBase", file), "zstd") as stream:
                yield cast("BinaryIO", stream)
