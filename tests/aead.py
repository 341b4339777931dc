"""Messages with OCB, as GnuPG 2.3 and later write them; older ones read them, and cannot write them."""

from __future__ import annotations

import os
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESOCB3

from gpg import Sender

_VERSION, _AES256, _OCB, _CHUNK = 1, 9, 2, 0
_CHUNK_BYTES = 1 << (_CHUNK + 6)


def encrypted_with_ocb(sender: Sender, content: bytes, recipient: str) -> bytes:
    """The packet of encrypted data of draft-ietf-openpgp-rfc4880bis-10, section 5.16, behind a session key of gpg's."""
    made = sender.gpg("--cipher-algo", "AES256", "--encrypt", "--recipient", recipient, given=b"x")
    shown = sender.run("--show-session-key", "--decrypt", given=made).stderr.decode()
    key = bytes.fromhex(shown.split("9:", 1)[1].split("'")[0])
    literal = _packet(11, b"b\0" + bytes(4) + content)
    return made[: _length_of_first(made)] + _packet(20, _sealed(key, literal))


def _sealed(key: bytes, plain: bytes) -> bytes:
    cipher, iv = AESOCB3(key), os.urandom(15)
    head = bytes([0xC0 | 20, _VERSION, _AES256, _OCB, _CHUNK])
    chunks = [plain[at : at + _CHUNK_BYTES] for at in range(0, len(plain), _CHUNK_BYTES)]
    sealed = [
        cipher.encrypt(_nonce(iv, number), chunk, head + struct.pack(">Q", number))
        for number, chunk in enumerate(chunks)
    ]
    end = head + struct.pack(">QQ", len(chunks), len(plain))
    return head[1:] + iv + b"".join(sealed) + cipher.encrypt(_nonce(iv, len(chunks)), b"", end)


def _nonce(iv: bytes, number: int) -> bytes:
    return iv[:7] + bytes(a ^ b for a, b in zip(iv[7:], struct.pack(">Q", number), strict=True))


def _packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + struct.pack(">I", len(body)) + body


def _length_of_first(message: bytes) -> int:
    """Of the packet with the session key, which gpg writes with a length of one or two bytes."""
    octets = 1 << (message[0] & 3)
    return 1 + octets + int.from_bytes(message[1 : 1 + octets], "big")
