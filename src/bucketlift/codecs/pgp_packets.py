"""Reads the packets of a binary OpenPGP message (RFC 9580, section 4), to find its end."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bucketlift.codecs.allowance import Refused
from bucketlift.codecs.streams import ASK_TO_RESEND
from bucketlift.model.hold import HeldReason

PKESK, SIGNATURE, SKESK, ONE_PASS, COMPRESSED, ENCRYPTED, MARKER, LITERAL = 1, 2, 3, 4, 8, 9, 10, 11
PROTECTED, AEAD, PADDING = 18, 20, 21
_CONTENT = frozenset({COMPRESSED, ENCRYPTED, LITERAL, PROTECTED, AEAD})
"""The packets with content. A message has exactly one of them."""
_MOST = 10_000
"""Maximum number of packets of a message. There is one for each key or signature."""
Octets = bytes | mmap.mmap


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    tag: int
    body: int
    """The offset at which the packet's content starts."""
    end: int | None
    """The offset at which the packet ends; None if its length is not given, so that it ends with the file."""


def packet_at(data: Octets, at: int) -> Packet | None:
    """The packet that starts at this offset; None if there is none. The packet may end after the data."""
    if at + 1 >= len(data) or not data[at] & 0x80:
        return None
    if not data[at] & 0x40:
        octets = (1, 2, 4, 0)[data[at] & 3]
        body = at + 1 + octets
        end = body + int.from_bytes(data[at + 1 : body], "big") if octets else None
        return Packet(tag=data[at] >> 2 & 0x0F, body=body, end=end)
    length, begin, partial = _new_length(data, at + 1)
    body, end = begin, begin + length
    while partial and end < len(data):
        length, begin, partial = _new_length(data, end)
        end = begin + length
    return Packet(tag=data[at] & 0x3F, body=body, end=end + partial)


def _new_length(data: Octets, at: int) -> tuple[int, int, bool]:
    """Read a length. Returns it, the offset after it, and whether another part of the packet follows."""
    first = data[at]
    if first < 192:
        return first, at + 1, False
    if first < 224:
        return (first - 192 << 8) + int.from_bytes(data[at + 1 : at + 2], "big") + 192, at + 2, False
    if first == 255:
        return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5, False
    return 1 << (first & 0x1F), at + 1, True


def require_one_message(path: Path) -> None:
    """Refuse a truncated message, or a file with data after the message.

    Raises:
        Refused: the message is truncated, or data follows it.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        size, end = len(data), 0
        for packet in _message(data):
            if packet.end is None:
                return
            end = packet.end
        if end > size or not end:
            raise Refused(HeldReason.PGP_DAMAGED, "The message is damaged or cut off", ASK_TO_RESEND)
        if end < size:
            raise trailing_bytes(end, size - end, message=packet_at(data, end) is not None)


def _message(data: Octets) -> Iterator[Packet]:
    """Yield the packets of the first message: its content, and as many signatures as it announces."""
    at, announced, found = 0, 0, False
    for _ in range(_MOST):
        packet = packet_at(data, at)
        if packet is None or (found and not (packet.tag == SIGNATURE and announced)):
            return
        yield packet
        announced += (packet.tag == ONE_PASS) - (packet.tag == SIGNATURE and found)
        found = found or packet.tag in _CONTENT
        if packet.end is None:
            return
        at = packet.end


def trailing_bytes(end: int, count: int, *, message: bool = False) -> Refused:
    what = "perhaps a second message" if message else "other bytes"
    return Refused(
        HeldReason.SEVERAL_MESSAGES,
        f"{count:,} {'byte follows' if count == 1 else 'bytes follow'} the end of the message, from byte {end} on: {what}",
        "Ask the sender for one message per file, with nothing after it.",
    )
