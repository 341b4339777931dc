"""Detects whether a file is an OpenPGP message, and of which kind it is."""

from __future__ import annotations

import binascii
from enum import Enum, auto

from bucketlift.codecs.pgp_packets import (
    COMPRESSED,
    MARKER,
    ONE_PASS,
    PKESK,
    PROTECTED,
    SIGNATURE,
    SKESK,
    packet_at,
)

BOM = b"\xef\xbb\xbf"
BEGIN_MESSAGE = b"-----BEGIN PGP MESSAGE-----"
BEGIN_CLEAR = b"-----BEGIN PGP SIGNED MESSAGE-----"
BEGIN_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----"
_ENCRYPTED_VERSIONS = {PKESK: (3, 6), SKESK: (4, 5, 6), PROTECTED: (1, 2)}
"""The packets that can start an encrypted message, with their versions."""
_DOCUMENTS = (0, 1)
"""The signature types for a binary file and for a text."""


class Message(Enum):
    ENCRYPTED = auto()
    SIGNED = auto()
    CLEAR_SIGNED = auto()
    SIGNATURE = auto()
    """A detached signature, which belongs to another file."""


def message_kind(head: bytes, size: int | None = None) -> Message | None:
    """The kind of message that starts with these bytes; None if there is none. UTF-8 text is never a message,
    unless it starts with an armour line.

    ``size`` is the size of the file. A signature that fills the whole file belongs to another file.
    """
    text = head.removeprefix(BOM).lstrip()
    if text.startswith(BEGIN_CLEAR):
        return Message.CLEAR_SIGNED
    if text.startswith(BEGIN_SIGNATURE):
        return Message.SIGNATURE
    if text.startswith(BEGIN_MESSAGE):
        return packet_kind(_first_packet(text)) or Message.ENCRYPTED
    return packet_kind(head, size)


def packet_kind(head: bytes, size: int | None = None) -> Message | None:
    packet = packet_at(head, 0)
    if packet is None:
        return None
    body = head[packet.body :]
    if packet.tag == MARKER:
        return Message.ENCRYPTED if body.startswith(b"PGP") else None
    if body[:1] and body[0] in _ENCRYPTED_VERSIONS.get(packet.tag, ()):
        return Message.ENCRYPTED
    if packet.tag == ONE_PASS and len(body) > 1 and body[0] in (3, 6) and body[1] in _DOCUMENTS:
        return Message.SIGNED
    if packet.tag == COMPRESSED and body[:1] in (b"\1", b"\2", b"\3"):
        return Message.SIGNED
    if packet.tag == SIGNATURE and len(body) > 1 and body[0] in (4, 6) and body[1] in _DOCUMENTS:
        return Message.SIGNATURE if size is None or size == packet.end else Message.SIGNED
    return None


def _first_packet(armour: bytes) -> bytes:
    """The first decoded bytes of armour; empty if they cannot be decoded."""
    _, _, rest = armour.replace(b"\r", b"").partition(b"\n\n")
    letters = b"".join(rest.split())
    try:
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4])
    except binascii.Error:
        return b""
