"""Whether a file looks like an OpenPGP message, and whether armour holds one message and nothing beside it."""

from __future__ import annotations

import mmap
from pathlib import Path

from bucketlift.codecs.allowance import Refused
from bucketlift.codecs.streams import ANEW
from bucketlift.model.contract import HeldReason

HEAD = 64
"""Bytes that tell."""
_BLOCK = 1 << 16

_BEGIN, _END = b"-----BEGIN PGP MESSAGE-----", b"-----END PGP MESSAGE-----"
_SESSION_KEYS = {1: (3, 6), 3: (4, 5, 6)}
"""Packets that an encrypted message begins with (RFC 9580, section 5), and the versions there are of them."""
_MARKER = b"PGP"


def looks_encrypted(head: bytes) -> bool:
    """No text in UTF-8 looks so, except one that begins with the line that begins armour."""
    if head.lstrip().startswith(_BEGIN):
        return True
    if len(head) < 4 or not head[0] & 0x80:
        return False
    if head[0] & 0x40:
        tag, length = head[0] & 0x3F, _new_length(head[1])
    else:
        tag, length = head[0] >> 2 & 0x0F, (1, 2, 4, 0)[head[0] & 3]
    body = head[1 + length :]
    if tag == 10:
        return body.startswith(_MARKER)
    return body != b"" and body[0] in _SESSION_KEYS.get(tag, ())


def _new_length(octet: int) -> int:
    if octet == 255:
        return 5
    return 2 if 192 <= octet < 224 else 1


def is_armoured(head: bytes) -> bool:
    return head.lstrip().startswith(_BEGIN)


def require_one_armour(path: Path) -> None:
    """Refuse armour with anything before or behind it: gpg passes over what it does not take for a message.

    Raises:
        Refused: there is more than one message, or none is whole.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        end = text.find(_END)
        if end < 0:
            raise Refused(HeldReason.PGP_DAMAGED, "The message is cut off: its armour does not end", ANEW)
        if _more_than_blanks(text, end + len(_END)):
            raise Refused(
                HeldReason.SEVERAL_MESSAGES,
                "Something follows the end of the message, such as a second one",
                "Ask the sender for one message per file.",
            )


def _more_than_blanks(text: mmap.mmap, begin: int) -> bool:
    return any(text[at : at + _BLOCK].strip() for at in range(begin, len(text), _BLOCK))
