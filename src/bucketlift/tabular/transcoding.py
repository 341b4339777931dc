"""A file of another encoding, or with escapes, as UTF-8 in a scratch file, and the way back to its own bytes."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bucketlift.model.contract import Dialect, Hold, Policy
from bucketlift.tabular.charsets import Charset, charset
from bucketlift.tabular.encoding import blocks, hold_unless_utf8
from bucketlift.tabular.escapes import Mask
from bucketlift.tabular.looks import HEAD_BYTES
from bucketlift.tabular.mapped import Bytes, mapped
from bucketlift.tabular.marks import Marks
from bucketlift.tabular.staging import REJECTS, RejectsWriter, arrow_file, open_rejects
from bucketlift.tabular.suspicion import Doubts, marked_charset

BLOCK_BYTES = 1 << 20
_GROWTH = 3
"""A byte of any encoding becomes at most so many in UTF-8, a whole character for a whole character."""


@dataclass(kw_only=True)
class Origin:
    """Where the bytes of a scratch file stand in the file that it was made of."""

    path: Path
    charset: Charset
    scratch_at: list[int] = field(default_factory=list)
    source_at: list[int] = field(default_factory=list)
    """A character begins at each pair of offsets: one in the scratch file, one in the source."""

    def note(self, scratch: int, source: int) -> None:
        self.scratch_at.append(scratch)
        self.source_at.append(source)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A file that may be read as UTF-8; ``origin`` is None where it is the file itself."""

    path: Path
    origin: Origin | None = None
    notes: tuple[str, ...] = ()
    """What speaks against the encoding and was accepted."""


@contextmanager
def as_utf8(
    path: Path, dialect: Dialect, marks: Marks, scratch: Path, doubts: Policy = Policy.HOLD
) -> Iterator[Text | Hold]:
    """The file as UTF-8, its escapes masked; ``scratch`` is used where that is not the file itself, and removed.

    ``doubts``: what becomes of bytes that the encoding reads, and that look like another one.

    Raises:
        RequestWrong: the dialect's encoding cannot be used.
        OSError: the file cannot be read, or there is no room for the scratch file.
    """
    kind, mask = charset(dialect.encoding), Mask.of(marks)
    if kind.is_utf8:
        hold = hold_unless_utf8(path)
        if hold is not None or mask is None:
            yield hold or Text(path=path)
            return
    try:
        yield _transcoded(path, kind, mask, scratch, doubts)
    finally:
        scratch.unlink(missing_ok=True)


def _transcoded(path: Path, kind: Charset, mask: Mask | None, scratch: Path, policy: Policy) -> Text | Hold:
    with path.open("rb") as source, scratch.open("wb") as made:
        doubts = Doubts(kind)
        found = marked_charset(kind, source.read(HEAD_BYTES))
        if isinstance(found, Hold):
            return found
        kind, begin = found
        source.seek(begin)
        origin = Origin(path=path, charset=kind)
        decoder = codecs.getincrementaldecoder(kind.name)("strict")
        read, written = begin, 0
        for block in blocks(source, BLOCK_BYTES):
            begun = read - len(decoder.getstate()[0])
            origin.note(written, begun)
            try:
                text = decoder.decode(block, not block)
            except UnicodeDecodeError as error:
                return doubts.undecodable(path, begun + error.start)
            doubts.look(block, text, begun)
            utf8 = text.encode("utf-8")
            made.write(utf8 if mask is None else mask.mask(utf8, final=not block))
            read, written = read + len(block), written + len(utf8)
        doubt = doubts.hold()
        if doubt is not None and policy is Policy.HOLD:
            return doubt
        return Text(path=scratch, origin=origin, notes=() if doubt is None else (doubt.what,))


def lines_of(path: Path, encoding: str) -> int:
    """Physical lines of a file that can be read in this encoding; the last may lack its end."""
    kind = charset(encoding)
    with path.open("rb") as file:
        found = marked_charset(kind, file.read(HEAD_BYTES))
        name, begin = (kind.name, 0) if isinstance(found, Hold) else (found[0].name, found[1])
        file.seek(begin)
        decoder = codecs.getincrementaldecoder(name)("strict")
        lines, last = 0, "\n"
        for block in blocks(file, BLOCK_BYTES):
            text = decoder.decode(block, not block)
            lines, last = lines + text.count("\n"), text[-1:] or last
    return lines + (last != "\n")


class _Way:
    """Walks from offsets of the scratch file to those of the source; they must not go back."""

    def __init__(self, origin: Origin, source: Bytes) -> None:
        self._origin = origin
        self._source = source
        self._jump(0)

    def _jump(self, checkpoint: int) -> None:
        self._checkpoint = checkpoint
        self._scratch = self._origin.scratch_at[checkpoint]
        self._at = self._origin.source_at[checkpoint]
        self._decoder = codecs.getincrementaldecoder(self._origin.charset.name)("strict")

    def to(self, offset: int) -> int:
        nearest = bisect_right(self._origin.scratch_at, offset) - 1
        if nearest > self._checkpoint:
            self._jump(nearest)
        while (left := offset - self._scratch) > 0:
            # So few bytes can come to no more than what is left: the walk never goes too far.
            step = self._source[self._at : self._at + max(1, min(left // _GROWTH, BLOCK_BYTES))]
            self._at += len(step)
            self._scratch += len(self._decoder.decode(step, not step).encode("utf-8"))
        return self._at


def restore_rejects(rejects: Path, origin: Origin) -> None:
    """Give rejects the offsets and the exact bytes that they have in the file as it came."""
    with mapped(origin.path) as source, arrow_file(rejects, REJECTS) as file:
        way, writer = _Way(origin, source), RejectsWriter(file)
        for reject in open_rejects(rejects):
            begin = way.to(reject.offset)
            end = way.to(reject.offset + len(reject.raw))
            writer.add(replace(reject, offset=begin, raw=source[begin:end]))
        writer.flush()
