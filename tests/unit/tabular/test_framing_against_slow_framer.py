"""The framer, its shortcuts and its memory of closes give the answer of the plain rules on any bytes."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bucketlift.model.contract import Dialect
from bucketlift.model.rows import Reject
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.framing import Framer
from bucketlift.tabular.csv.records import Blank, Framed, Record, Skipped
from budgets import examples

from .slow_framer import Piece, frame

TOKENS = (",", '"', '""', "\n", "\r\n", "\r", "\0", "a", "bc", ' "', '",', ',"', '"\n', "é")
texts = st.lists(st.sampled_from(TOKENS), max_size=60).map(lambda some: "".join(some).encode())


def plain(data: bytes, each: Framed) -> Piece:
    match each:
        case Record(line, offset, end, cells):
            return ("record", line, data[offset:end], tuple(cells))
        case Blank(line, offset, end):
            return ("blank", line, data[offset:end], ())
        case Skipped(line, offset, end):
            return ("skipped", line, data[offset:end], ())
        case Reject():
            return (each.reason, each.line, each.raw, ())


@pytest.mark.slow
# A record that ends with the file, as far from its close as a record may.
@example(data=b' " ",",,,,,\r\n "', width=1, longest=3, reach=12, piece=1, window=1)
@settings(max_examples=examples(1500), deadline=None)
@given(
    data=texts,
    width=st.integers(1, 4),
    longest=st.sampled_from((3, 20, 1 << 20)),
    reach=st.sampled_from((1, 5, 12, 1 << 20)),
    piece=st.sampled_from((1, 7, 30, 1 << 16)),
    window=st.sampled_from((1, 4, 16, 1 << 16)),
)
def test_framing_is_the_plain_rules(data, width, longest, reach, window, piece):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bucketlift.tabular.csv.fast_path.WINDOW_BYTES", window)
        patch.setattr("bucketlift.tabular.csv.quote_recovery.FIRST_PIECE", piece)
        framer = Framer(data, Marks.of(Dialect()), width=width, at=0, line=1, longest=longest, reach=reach)

        framed = [plain(data, each) for each in framer]

    assert framed == frame(data, width, longest, reach)
    assert b"".join(raw for _, _, raw, _ in framed) == data
