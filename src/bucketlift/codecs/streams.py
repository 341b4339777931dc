"""Decompresses gzip, bzip2, xz and zstd in pieces of limited size. All members or frames are read, and other
bytes are refused.
"""

from __future__ import annotations

import bz2
import lzma
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from bucketlift.codecs.allowance import Allowance, Refused
from bucketlift.model.hold import HeldReason
from bucketlift.model.packing import Compression

PIECE = 1 << 20
FIRST = 1 << 12
"""Number of bytes that are read first for each member. It is small, because a decoder copies unused input and
a file may have very many members.
"""
XZ_MEMORY = 256 << 20
"""Maximum bytes of memory of the xz decoder. This is enough for every preset of xz; a stream that needs more
is refused.
"""
MAGIC = {
    Compression.GZIP: b"\x1f\x8b",
    Compression.BZIP2: b"BZh",
    Compression.XZ: b"\xfd7zXZ\x00",
    Compression.ZSTD: b"\x28\xb5\x2f\xfd",
}
"""The bytes with which each member of a stream starts."""
ASK_TO_RESEND = "Ask the sender for the file again."


def unpack_stream(packed: Path, to: Path, kind: Compression, allowance: Allowance) -> int:
    """Write the decompressed bytes to a file. Returns their number.

    Raises:
        Refused: the stream is damaged, truncated, followed by other bytes, or too large.
    """
    written = 0
    with packed.open("rb") as source, to.open("wb") as target:
        for piece in _pieces(packed, source, kind):
            written += len(piece)
            allowance.check(written)
            target.write(piece)
    return written


def unpack_beginning(packed: bytes, kind: Compression, most: int) -> bytes:
    """The first decompressed bytes of a stream, of which ``packed`` may be only the beginning.

    Raises:
        Refused: nothing of the stream can be decompressed.
    """
    found = bytearray()
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        path = Path(folder) / "packed"
        path.write_bytes(packed)
        with path.open("rb") as source:
            try:
                for piece in _pieces(path, source, kind):
                    found += piece
                    if len(found) >= most:
                        break
            except Refused:
                if not found:
                    raise
    return bytes(found[:most])


def _pieces(packed: Path, source: BinaryIO, kind: Compression) -> Iterator[bytes]:
    if kind is Compression.ZSTD:
        return _frames(packed)
    return _members(source, kind, _DECODERS[kind])


class _Decoder(Protocol):
    """The interface of the decoders of bz2 and lzma. The decoder of zlib is adapted to it."""

    def decompress(self, data: bytes, max_length: int) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


class _Gzip:
    """Decompresses one member of a gzip file. The member's checksum and length are verified at its end."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        return not self._decoder.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data


_DECODERS: dict[Compression, Callable[[], _Decoder]] = {
    Compression.GZIP: _Gzip,
    Compression.BZIP2: bz2.BZ2Decompressor,
    Compression.XZ: lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY),
}


class _Input:
    """Reads the bytes of a stream in small pieces. Bytes that were read can be put back."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._read = b""
        self._at = 0

    def take(self, most: int) -> bytes:
        if self._at == len(self._read):
            self._read, self._at = self._source.read(PIECE), 0
        taken = self._read[self._at : self._at + most]
        self._at += len(taken)
        return taken

    def put_back(self, count: int) -> None:
        """Put back the last ``count`` bytes, so that they are read again."""
        self._at -= count

    def next(self, count: int) -> bytes:
        """The next bytes that are not padding. Tapes and xz write NULs between members, which are left out."""
        while True:
            while self._at < len(self._read) and self._read[self._at] == 0:
                padding = self._read[self._at : self._at + PIECE]
                self._at += len(padding) - len(padding.lstrip(b"\0"))
            left = len(self._read) - self._at
            if left >= count or not (more := self._source.read(PIECE)):
                return self._read[self._at : self._at + count]
            self._read, self._at = self._read[self._at :] + more, 0


def _members(source: BinaryIO, kind: Compression, decoder_of: Callable[[], _Decoder]) -> Iterator[bytes]:
    given = _Input(source)
    while beginning := given.next(len(MAGIC[kind])):
        if beginning != MAGIC[kind]:
            raise Refused(
                HeldReason.COMPRESSION_DAMAGED,
                f"Other bytes follow the end of the {kind.value} data",
                ASK_TO_RESEND,
            )
        decoder, most = decoder_of(), FIRST
        while not decoder.eof:
            data = given.take(most) if decoder.needs_input else b""
            if decoder.needs_input and not data:
                raise Refused(
                    HeldReason.COMPRESSION_DAMAGED, f"The {kind.value} data is cut off", ASK_TO_RESEND
                )
            yield _decoded(decoder, data, kind)
            most = min(2 * most, PIECE)
        given.put_back(len(decoder.unused_data))


def _decoded(decoder: _Decoder, data: bytes, kind: Compression) -> bytes:
    try:
        return decoder.decompress(data, PIECE)
    except lzma.LZMAError as error:
        if "emory" in str(error):
            raise Refused(
                HeldReason.COMPRESSION_REFUSED,
                f"Unpacking the file would take more than {XZ_MEMORY >> 20} MiB of memory",
                "Ask the sender to compress it with a usual preset (xz -9 or less).",
            ) from None
        raise _damaged(kind) from None
    except (zlib.error, OSError, ValueError):  # bz2 reports damage as an OSError
        raise _damaged(kind) from None


def _frames(packed: Path) -> Iterator[bytes]:
    """Yield decompressed data of zstd, with verified checksums. A window above 128 MiB is refused, as the
    zstd tool does.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy, and not every file is zstd

    try:
        with pa.OSFile(str(packed), "rb") as file, pa.CompressedInputStream(file, "zstd") as stream:
            while piece := stream.read(PIECE):
                yield piece
    except OSError as error:
        if error.errno is not None:
            raise  # from the disk
        raise _damaged(Compression.ZSTD) from None


def _damaged(kind: Compression) -> Refused:
    return Refused(
        HeldReason.COMPRESSION_DAMAGED, f"The {kind.value} data is damaged or cut off", ASK_TO_RESEND
    )
