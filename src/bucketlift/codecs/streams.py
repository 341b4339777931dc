"""Plain bytes from gzip, bzip2, xz and zstd, a bounded piece at a time: every member or frame, and nothing else."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from bucketlift.codecs.allowance import Allowance, Refused
from bucketlift.model.contract import HeldReason
from bucketlift.model.packing import Compression

PIECE = 1 << 20
XZ_MEMORY = 256 << 20
"""Enough for every preset of xz; what asks for more is refused."""
MAGIC = {
    Compression.GZIP: b"\x1f\x8b",
    Compression.BZIP2: b"BZh",
    Compression.XZ: b"\xfd7zXZ\x00",
    Compression.ZSTD: b"\x28\xb5\x2f\xfd",
}
"""How each member of a stream begins."""
ANEW = "Ask the sender for the file anew."


def unpack_stream(packed: Path, to: Path, kind: Compression, allowance: Allowance) -> int:
    """Write the plain bytes to a file; how many they are.

    Raises:
        Refused: the stream is damaged, cut off, followed by other bytes, or comes to too much.
    """
    written = 0
    with packed.open("rb") as source, to.open("wb") as target:
        for piece in _pieces(packed, source, kind):
            written += len(piece)
            allowance.check(written)
            target.write(piece)
    return written


def _pieces(packed: Path, source: BinaryIO, kind: Compression) -> Iterator[bytes]:
    if kind is Compression.ZSTD:
        return _frames(packed)
    return _members(source, kind, _DECODERS[kind])


class _Decoder(Protocol):
    """What bz2 and lzma offer; zlib is made to."""

    def decompress(self, data: bytes, max_length: int) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


class _Gzip:
    """One member of a gzip file: its check sum and length are compared at its end."""

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


def _members(source: BinaryIO, kind: Compression, decoder_of: Callable[[], _Decoder]) -> Iterator[bytes]:
    rest = source.read(PIECE)
    while rest:
        if not rest.startswith(MAGIC[kind]):
            raise Refused(
                HeldReason.COMPRESSION_DAMAGED, f"Other bytes follow the end of the {kind.value} data", ANEW
            )
        decoder = decoder_of()
        while not decoder.eof:
            if decoder.needs_input and not rest:
                raise Refused(HeldReason.COMPRESSION_DAMAGED, f"The {kind.value} data is cut off", ANEW)
            yield _decoded(decoder, rest, kind)
            rest = source.read(PIECE) if decoder.needs_input and not decoder.eof else b""
        rest = _after_padding(source, decoder.unused_data, len(MAGIC[kind]))


def _decoded(decoder: _Decoder, data: bytes, kind: Compression) -> bytes:
    try:
        return decoder.decompress(data, PIECE)
    except lzma.LZMAError as error:
        if "emory" in str(error):
            raise Refused(
                HeldReason.COMPRESSION_REFUSED,
                f"Unpacking it would take more than {XZ_MEMORY >> 20} MiB of memory",
                "Ask the sender to compress it with a usual preset (xz -9 or less).",
            ) from None
        raise _damaged(kind) from None
    except (zlib.error, OSError, ValueError):  # bz2 tells damage as an OSError
        raise _damaged(kind) from None


def _after_padding(source: BinaryIO, rest: bytes, wanted: int) -> bytes:
    """The bytes behind a member, without the NULs that tapes and xz put between members; ``wanted`` of them at least."""
    rest = rest.lstrip(b"\0")
    while len(rest) < wanted and (more := source.read(PIECE)):
        rest = (rest + more).lstrip(b"\0")
    return rest


def _frames(packed: Path) -> Iterator[bytes]:
    """Of zstd, with its check sums; a frame whose window is beyond 128 MiB is refused as the zstd tool does."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, and not every file is zstd

    try:
        with pa.OSFile(str(packed), "rb") as file, pa.CompressedInputStream(file, "zstd") as stream:
            while piece := stream.read(PIECE):
                yield piece
    except OSError as error:
        if error.errno is not None:
            raise  # of the disk
        raise _damaged(Compression.ZSTD) from None


def _damaged(kind: Compression) -> Refused:
    return Refused(HeldReason.COMPRESSION_DAMAGED, f"The {kind.value} data is damaged or cut off", ANEW)
