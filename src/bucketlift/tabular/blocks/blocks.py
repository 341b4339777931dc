"""Splits a file below its header into blocks whose quotes are checked together. Other records are read one by
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bucketlift.model.rows import Reject
from bucketlift.tabular.blocks.block_filter import Block, BlockFilter
from bucketlift.tabular.blocks.cutting import Cut, Stretch
from bucketlift.tabular.blocks.parsing import Contradiction
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, Marks
from bucketlift.tabular.csv.framing import Framer
from bucketlift.tabular.csv.records import Framed
from bucketlift.tabular.decode.escapes import contents
from bucketlift.tabular.header.header import skip_blank_lines
from bucketlift.tabular.header.row_policies import RowPolicies

BLOCK_BYTES = 8 << 20
FIRST_BYTES = 1 << 20
"""Size in bytes of the first block. The next blocks become larger, so that reading a file full of rejects can
end early.
"""
FIRST_LINES = 1 << 14
"""Maximum number of lines in the first block."""
LONG_RUN = 1 << 12
"""Minimum number of blank lines in a row that are counted together."""
MOST_LINES = 1 << 17
"""Maximum number of lines in one block, because the data that is kept for a line is larger than a short line."""
DENSE = 64
"""A block is read record by record if it has more broken records than this, and if they are more than one in
eight lines.
"""


@dataclass(kw_only=True)
class Blocks:
    """Yields every byte of the file once, in order, with the same result as ``Framer``.

    A block starts with a record. Its quotes and line ends are checked together. ``Framer`` reads a record
    that breaks a quote rule, or that does not end within the block. The number of cells is checked when the
    block is parsed.
    """

    data: Bytes
    marks: Marks
    framer: Framer
    policies: RowPolicies
    block_bytes: int = BLOCK_BYTES
    _begin: int = field(init=False)
    _first_line: int = field(init=False)
    _enough: int = field(init=False)
    """Number of bytes to read for the next block. After a block of short lines it is smaller, because more
    bytes would not be used.
    """

    def __post_init__(self) -> None:
        self._begin, self._first_line, self._enough = self.framer.at, self.framer.line, self.block_bytes

    def __iter__(self) -> Iterator[Framed | Block]:
        while self.framer.at < len(self.data):
            if self.policies.repeats.second:
                yield from self._one_by_one(len(self.data))
            elif run := self._blank_run():
                yield run
            else:
                yield from self._block(self._next_bytes())

    def _blank_run(self) -> Block | None:
        """Count many blank lines in a row at once."""
        if len(self.policies.repeats.names) == 1 or self.data[self.framer.at : self.framer.at + 1] not in (
            CR,
            LF,
        ):
            return None
        end, lines = skip_blank_lines(self.data, self.framer.at)
        if lines < LONG_RUN:
            return None
        text = self.data[self.framer.at : self.framer.at + 2]
        self.framer.skip_to(end, self.framer.line + lines)
        crlf = text == CR + LF
        self.framer.note_line_ends(lf=not crlf, crlf=crlf)
        return Block.of_blank_lines(lines, lf=not crlf, crlf=crlf)

    def _one_by_one(self, end: int) -> Iterator[Framed]:
        while self.framer.at < end:
            yield from self._step()

    def _step(self) -> Iterable[Framed]:
        return map(self.policies.apply, contents(self.framer.step(), self.data, self.marks))

    def _next_bytes(self) -> bytes:
        size = min(self.block_bytes, self._enough, max(FIRST_BYTES, self.framer.at - self._begin))
        # A block within the limit has no record beyond the limit.
        raw = self.data[self.framer.at : self.framer.at + min(size, self.framer.longest)]
        most = min(MOST_LINES, max(FIRST_LINES, self.framer.line - self._first_line))
        if (lines := raw.count(LF)) > most:
            raw = raw[: len(raw) * most // lines]
        self._enough = max(FIRST_LINES, 4 * len(raw))
        return raw

    def _block(self, raw: bytes) -> Iterator[Framed | Block]:
        begin = self.framer.at
        cut = Cut(raw, self.marks, self.framer.line)
        stretches, rejects, dense = self._cut(cut, begin)
        if self.framer.at == begin:
            yield from self._one_by_one(begin + len(raw)) if dense else self._step()
            return
        block_filter = BlockFilter(raw, begin, cut, stretches, self.marks)
        block, second = block_filter.apply(self.policies.repeats, self.policies.empty_rows, rejects)
        self.framer.note_line_ends(lf=block.lf, crlf=block.crlf)
        yield block
        if second is not None:
            self.framer.skip_to(*second)
            yield from self._step()
        elif dense:
            yield from self._one_by_one(begin + len(raw))

    def _cut(self, cut: Cut, begin: int) -> tuple[list[Stretch], list[Reject], bool]:
        """Divide a block: the stretches of whole records, the rejects between them, and whether many records
        are broken. Afterwards, ``Framer`` continues at the rest of the block.
        """
        stretches, rejects, at, broken = list[Stretch](), list[Reject](), 0, 0
        while at < len(cut.byte_array):
            stretch = cut.stretch(at)
            if len(stretch.ends):
                stretches.append(stretch)
                at = int(stretch.ends[-1])
                self.framer.skip_to(begin + at, cut.line_of(at))
            if not stretch.broken:
                break
            rejects += self._broken()
            at, broken = self.framer.at - begin, broken + 1
            if broken > DENSE and 8 * broken > cut.line_of(at) - cut.line_of(0):
                return stretches, rejects, True
        return stretches, rejects, False

    def _broken(self) -> Iterator[Reject]:
        for each in self.framer.step(broken=True):
            if not isinstance(each, Reject):
                raise Contradiction
            yield each
