"""The framing rules once more, byte by byte and without a shortcut: what the real framer is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.model.rows import RejectReason

Piece = tuple[str, int, bytes, tuple[bytes, ...]]
"""What it is, its line, its bytes, and its cells if it is a record."""


@dataclass
class Walk:
    """One record, walked until it ends or breaks a rule."""

    at: int
    cells: list[bytes]
    reason: RejectReason | None = None
    lone_cr: bool = False
    known: int = 0
    """Where the illegal quote stands, or the first one of a cell without end."""


def walk(data: bytes, at: int, cells: list[bytes] | None = None) -> Walk:
    state = Walk(at=at, cells=cells or [])
    while True:
        ended = _quoted(data, state) if data[state.at : state.at + 1] == b'"' else _unquoted(data, state)
        if ended:
            return state


def _quoted(data: bytes, state: Walk) -> bool:
    cell, at = b"", state.at + 1
    while True:
        byte = data[at : at + 1]
        if not byte:
            state.known, state.at = state.at, at
            state.reason = RejectReason.LONE_CR if state.lone_cr else RejectReason.UNTERMINATED_QUOTE
            return True
        if byte != b'"':
            cell, at = cell + byte, at + 1
        elif data[at + 1 : at + 2] == b'"':
            cell, at = cell + b'"', at + 2
        else:
            return _separator(data, state, cell, at + 1)


def _separator(data: bytes, state: Walk, cell: bytes, at: int) -> bool:
    rest = data[at : at + 2]
    state.at = at
    if rest[:1] in (b",", b"\n", b"") or rest == b"\r\n":
        state.cells.append(cell)
        state.at = at + (2 if rest == b"\r\n" else len(rest[:1]))
        return rest[:1] != b","
    state.known = at - 1
    state.reason = RejectReason.LONE_CR if rest[:1] == b"\r" or state.lone_cr else RejectReason.BARE_QUOTE
    return True


def _unquoted(data: bytes, state: Walk) -> bool:
    begin, at = state.at, state.at
    while True:
        rest = data[at : at + 2]
        if rest[:1] in (b",", b"\n", b"") or rest == b"\r\n":
            return _separator(data, state, data[begin:at], at)
        if rest[:1] == b'"':
            state.known, state.at = at, at + 1
            state.reason = RejectReason.LONE_CR if state.lone_cr else RejectReason.BARE_QUOTE
            return True
        state.lone_cr = state.lone_cr or rest[:1] == b"\r"
        at += 1


def end_of_broken(data: bytes, resume: int, cells: int, width: int, reach: int) -> int | None:
    """Try every legal close in turn for the right width; else the nearest one counts."""
    at, nearest = resume, None
    while at < len(data):
        if data[at : at + 1] != b'"':
            at += 1
        elif data[at + 1 : at + 2] == b'"':
            at += 2
        else:
            after = _after(data, at, cells) if at < resume + reach else None
            if after is not None and after.at - at <= reach:
                if len(after.cells) == width:
                    return after.at
                nearest = nearest or after.at
            at += 1
    return nearest


def _after(data: bytes, close: int, cells: int) -> Walk | None:
    """The record whose open cell closes here, if it goes on legally."""
    state = Walk(at=close + 1, cells=[b""] * cells)
    ended = _separator(data, state, b"", close + 1)
    if state.reason is None and not ended:
        state = walk(data, state.at, state.cells)
    return state if state.reason is None else None


def frame(data: bytes, width: int, longest: int, reach: int) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    while at < len(data):
        found = _next(data, at, width, longest, reach)
        pieces += found
        at += sum(len(raw) for _, _, raw, _ in found)
    return pieces


def _next(data: bytes, at: int, width: int, longest: int, reach: int) -> list[Piece]:
    line = data.count(b"\n", 0, at) + 1
    line_end = data.find(b"\n", at) + 1 or len(data)
    state = walk(data, at)
    if state.reason is not None:
        return _broken(data, at, state, width, longest, reach, line_end)
    raw = data[at : state.at]
    if len(raw) > longest:
        return _cut(data, at, state.at, longest)
    if raw in (b"\n", b"\r\n"):
        return [("blank" if width > 1 else RejectReason.BLANK_LINE, line, raw, ())]
    for wrong, reason in (
        (b"\0" in raw, RejectReason.NUL),
        (state.lone_cr, RejectReason.LONE_CR),
        (len(state.cells) != width, RejectReason.WIDTH),
    ):
        if wrong:
            return [(reason, line, raw, ())]
    return [("record", line, raw, tuple(state.cells))]


def _broken(
    data: bytes, at: int, state: Walk, width: int, longest: int, reach: int, line_end: int
) -> list[Piece]:
    end = end_of_broken(data, state.at, len(state.cells), width, reach)
    end = end or data.find(b"\n", state.known) + 1 or len(data)
    reason = state.reason
    assert reason is not None
    pieces: list[Piece] = []
    while at < end:
        line_end = data.find(b"\n", at) + 1 or len(data)
        line = data.count(b"\n", 0, at) + 1
        if line_end - at > longest:
            pieces += _cut(data, at, line_end, longest)
        else:
            pieces.append((reason, line, data[at:line_end], ()))
        at, reason = line_end, RejectReason.INSIDE_BROKEN_RECORD
    return pieces


def _cut(data: bytes, at: int, end: int, longest: int) -> list[Piece]:
    return [
        (RejectReason.TOO_LONG, data.count(b"\n", 0, begin) + 1, data[begin : min(end, begin + longest)], ())
        for begin in range(at, end, longest)
    ]
