"""Detects a wrong key without decrypting a secret."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable

_WORD = b"bucketlift key check 1"
"""The text that is signed with the key. The signed bytes of a secret start with 0x80, so they never start
like this text.
"""


def check_of(key: bytes) -> bytes:
    """The check value of a key: a constant text signed with this key.

    HMAC of the standard library is used, because the import of the encryption library is slow for a short
    command.
    """
    return hmac.digest(base64.urlsafe_b64decode(key), _WORD, "sha256")


def fits(check: bytes, keys: Iterable[bytes]) -> bool:
    """Whether the check was made with one of these keys."""
    return any(hmac.compare_digest(check, check_of(key)) for key in keys)
