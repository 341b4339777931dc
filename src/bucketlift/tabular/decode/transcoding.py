"""Writes a file in another encoding, or with escapes, to a temporary copy in UTF-8. Maps offsets in the copy
to offsets in the source.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from bucketlift.model.contract import Dialect, LineEnd, Policy
from bucketlift.model.hold import Hold
from bucketlift.tabular.arrow.staging import REJECTS, RejectsWriter, arrow_file, open_rejects
from bucketlift.tabular.bytes.charsets import Charset, charset
from bucketlift.tabular.bytes.mapped import Bytes, mapped
from bucketlift.tabular.bytes.marks import NUL
from bucketlift.tabular.decode.encoding import blocks, hold_unless_utf8
from bucketlift.tabular.decode.magic_bytes import HEAD_BYTES
from bucketlift.tabular.decode.rewriting import AHEAD, CODE_BYTES, Rewriting
from bucketlift.tabular.decode.suspicion import Doubts, hold_for_seven_bit, marked_charset

BLOCK_BYTES = 1 << 20


@dataclass(kw_only=True)
class Origin:
    """Maps offsets in the temporary copy to offsets in its source."""

    path: Path
    charset: Charset
    rewriting: Rewriting | None = None
    scratch_at: list[int] = field(default_factory=list)
    source_at: list[int] = field(default_factory=list)
    """Pairs of offsets, in the temporary copy and in the source, at which the same character starts."""
    before: list[str] = field(default_factory=list)
    """For each pair of offsets, the text before the character, which the pattern of a token may look at."""

    def note(self, scratch: int, source: int, before: str) -> None:
        self.scratch_at.append(scratch)
        self.source_at.append(source)
        self.before.append(before)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A file that can be read as UTF-8. ``origin`` is None if this is the original file."""

    path: Path
    origin: Origin | None = None
    coded: bool = False
    """Whether some characters are replaced by codes."""
    notes: tuple[str, ...] = ()
    """Notes about signs of another encoding that the policy accepts, and about what was left out."""


@contextmanager
def as_utf8(
    path: Path, dialect: Dialect, scratch: Path, doubts: Policy = Policy.HOLD
) -> Iterator[Text | Hold]:
    """Open the file as UTF-8, ready to be split into records. A temporary copy is written only if it is
    needed, and removed afterwards.

    ``doubts``: the policy for text that can be decoded but looks like another encoding.

    Raises:
        RequestWrong: the dialect's encoding cannot be used.
        OSError: the file cannot be read, or the temporary copy cannot be written.
    """
    kind = charset(dialect.encoding)
    if kind.is_utf8 and dialect.trailing_nul and not _has_nul(path):
        dialect = replace(dialect, trailing_nul=False)
    rewriting = Rewriting.of(dialect, kind.name)
    notes: tuple[str, ...] = ()
    if kind.is_utf8:
        hold, doubt = hold_unless_utf8(path), hold_for_seven_bit(path)
        if hold is None and doubts is Policy.HOLD:
            hold = doubt
        notes = () if doubt is None else (doubt.what,)
        if hold is not None or rewriting is None:
            yield hold or Text(path=path, notes=notes)
            return
    try:
        made = _transcoded(path, kind, rewriting, scratch, doubts)
        yield made if isinstance(made, Hold) else replace(made, notes=notes + made.notes)
    finally:
        scratch.unlink(missing_ok=True)


def _has_nul(path: Path) -> bool:
    with mapped(path) as data:
        return data.find(NUL) >= 0


def _transcoded(
    path: Path, kind: Charset, rewriting: Rewriting | None, scratch: Path, policy: Policy
) -> Text | Hold:
    with path.open("rb") as source, scratch.open("wb") as made:
        doubts = Doubts(kind)
        found = marked_charset(kind, source.read(HEAD_BYTES))
        if isinstance(found, Hold):
            return found
        kind, begin = found
        source.seek(begin)
        origin = Origin(path=path, charset=kind, rewriting=rewriting)
        writer = _Writer(made, origin)
        decoder = codecs.getincrementaldecoder(kind.name)("strict")
        read = begin
        for block in blocks(source, BLOCK_BYTES):
            start = read - len(decoder.getstate()[0])
            try:
                text = decoder.decode(block, not block)
            except UnicodeDecodeError as error:
                return doubts.undecodable(path, start + error.start)
            doubts.check(block, text, start)
            writer.write(text, start, final=not block)
            read += len(block)
        doubt = doubts.hold()
        if doubt is not None and policy is Policy.HOLD:
            return doubt
        notes = () if doubt is None else (doubt.what,)
        return Text(path=scratch, origin=origin, coded=writer.coded, notes=notes + writer.notes)


class _Writer:
    """Writes the temporary copy block by block, and records the source offset of each part."""

    def __init__(self, made: BinaryIO, origin: Origin) -> None:
        self._made = made
        self._origin = origin
        self._text = ""
        self._at = 0
        """Position of the first character of the text that is not written yet. The pattern of a token may
        look at the characters before it.
        """
        self._written = 0
        self._left_out = Counter[str]()
        self.coded = False

    @property
    def notes(self) -> tuple[str, ...]:
        texts = {
            "lines": "Lines that are not records were left out",
            "nuls": "NUL bytes at the end of records or of the file were left out",
        }
        return tuple(
            f"{text}: {self._left_out[kind]}" for kind, text in texts.items() if self._left_out[kind]
        )

    def write(self, text: str, source: int, *, final: bool) -> None:
        """Write the next block of text, which starts at this offset in the source."""
        rewriting, held = self._origin.rewriting, self._text[self._at :]
        begin = source - len(held.encode(self._origin.charset.name))
        self._origin.note(self._written, begin, self._text[: self._at])
        if rewriting is None:
            self._write(text)
            return
        self._text += text
        made, at = rewriting.part(self._text, self._at, self._left_out, final=final)
        self._write(made)
        look = max(0, at - AHEAD)
        self._text, self._at = self._text[look:], at - look

    def _write(self, text: str) -> None:
        utf8 = text.encode("utf-8", "surrogateescape")
        self.coded = self.coded or any(code in utf8 for code in CODE_BYTES)
        self._made.write(utf8)
        self._written += len(utf8)


def lines_of(path: Path, dialect: Dialect) -> int:
    """The number of physical lines of a file in this dialect's encoding. The last line may have no line end."""
    kind = charset(dialect.encoding)
    end = "\r" if dialect.line_end is LineEnd.CR else "\n"
    with path.open("rb") as file:
        found = marked_charset(kind, file.read(HEAD_BYTES))
        name, begin = (kind.name, 0) if isinstance(found, Hold) else (found[0].name, found[1])
        file.seek(begin)
        decoder = codecs.getincrementaldecoder(name)("strict")
        lines, last = 0, end
        for block in blocks(file, BLOCK_BYTES):
            text = decoder.decode(block, not block)
            lines, last = lines + text.count(end), text[-1:] or last
    return lines + (last != end)


class _SourceOffsets:
    """Converts ascending offsets in the temporary copy to offsets in the source."""

    def __init__(self, origin: Origin, source: Bytes) -> None:
        self._origin = origin
        self._source = source
        self._jump(0)

    def _jump(self, part: int) -> None:
        """Start again at the start of a part. The tokens found from there are the same as when the part was
        written.
        """
        origin = self._origin
        ends = [*origin.source_at[part + 1 : part + 2], len(self._source)]
        begin, end = origin.source_at[part], ends[0]
        decoder = codecs.getincrementaldecoder(origin.charset.name)("ignore")
        before, text = origin.before[part], decoder.decode(self._source[begin:end])
        self._stop = len(before) + len(text)
        self._text = before + text + decoder.decode(self._source[end : end + 8 * AHEAD])
        self._part, self._char, self._scratch = part, len(before), origin.scratch_at[part]
        self._counted, self._at = self._char, begin
        self._decoder = codecs.getincrementaldecoder(origin.charset.name)("strict")
        tokens = origin.rewriting.tokens(self._text, self._char, self._stop) if origin.rewriting else iter(())
        self._tokens: Iterator[re.Match[str]] = tokens
        self._token = next(tokens, None)

    def to(self, offset: int) -> int:
        starts = self._origin.scratch_at
        nearest = bisect_left(starts, offset)
        nearest -= nearest == len(starts) or starts[nearest] != offset
        if nearest > self._part:
            self._jump(nearest)
        while self._scratch < offset and self._forward(offset):
            pass
        return self._byte()

    def _forward(self, offset: int) -> bool:
        """Move to the next token, or past it. Returns False if the offset is reached before the token."""
        token = self._token
        stop = self._stop if token is None else token.start()
        chars, size = _prefix(
            self._text[self._char : min(stop, self._char + offset - self._scratch)], offset - self._scratch
        )
        self._char, self._scratch = self._char + chars, self._scratch + size
        if self._char < stop:
            return chars > 0
        if token is None or self._origin.rewriting is None or self._scratch == offset:
            return False
        made = len(self._origin.rewriting.expand(token).encode("utf-8", "surrogateescape"))
        if self._scratch + made > offset:
            return False
        self._char, self._scratch = token.end(), self._scratch + made
        self._token = next(self._tokens, None)
        return True

    def _byte(self) -> int:
        """The offset of the current character in the source."""
        while (left := self._char - self._counted) > 0:
            # These bytes cannot decode to more characters than remain, so the position never overshoots.
            step = self._source[self._at : self._at + min(left, BLOCK_BYTES)]
            self._at += len(step)
            self._counted += len(self._decoder.decode(step, not step))
            if not step:
                break
        return self._at


def _prefix(text: str, most: int) -> tuple[int, int]:
    """The number of characters that have at most ``most`` bytes in UTF-8, and their number of bytes."""
    utf8 = text.encode("utf-8")
    if len(utf8) <= most:
        return len(text), len(utf8)
    whole = utf8[:most].decode("utf-8", "ignore")
    return len(whole), len(whole.encode("utf-8"))


def restore_rejects(rejects: Path, origin: Origin) -> None:
    """Replace the offsets and bytes of rejects by those of the original file."""
    with mapped(origin.path) as source, arrow_file(rejects, REJECTS) as file:
        offsets, writer = _SourceOffsets(origin, source), RejectsWriter(file)
        for reject in open_rejects(rejects):
            begin = offsets.to(reject.offset)
            end = offsets.to(reject.offset + len(reject.raw))
            writer.add(replace(reject, offset=begin, raw=source[begin:end]))
        writer.flush()
