"""Encodes any S3 key for moto, because moto refuses some keys and misreads others."""

from __future__ import annotations

import re

MAX_KEY_BYTES = 1024

# Each byte becomes a letter of a-p (high half) followed by one of A-P (low half). Encoded keys sort like the keys'
# bytes, a prefix stays a prefix, and a delimiter never matches across two bytes.
_TO = [chr(ord("a") + byte // 16) + chr(ord("A") + byte % 16) for byte in range(256)]
_FROM = {spelled: byte for byte, spelled in enumerate(_TO)}
_SPELLED = re.compile(r"(?:[a-p][A-P])*\Z")


def spelled(key: str) -> str:
    return "".join(_TO[byte] for byte in key.encode("utf-8", "surrogatepass"))


def read(spelling: str) -> str:
    """Decode a key.

    Raises:
        ValueError: the text is not an encoded key.
    """
    if not _SPELLED.match(spelling):
        raise ValueError(f"not a spelled key: {spelling[:40]!r}")
    pairs = (spelling[at : at + 2] for at in range(0, len(spelling), 2))
    return bytes(_FROM[pair] for pair in pairs).decode("utf-8", "surrogatepass")


def too_long(key: str) -> bool:
    """Whether the key is too long for S3, which allows 1,024 bytes of UTF-8."""
    return len(key.encode("utf-8", "surrogatepass")) > MAX_KEY_BYTES
