"""Random tokens. Only the hash of a token is stored."""

from __future__ import annotations

import hashlib
import hmac
from secrets import token_urlsafe

BYTES = 32


def new_token() -> str:
    return token_urlsafe(BYTES)


def hashed(token: str) -> str:
    """The hash of a token. No salt is needed, because a token has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived(token: str, purpose: str) -> str:
    """A second token, derived from the first. The first cannot be computed from the second."""
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()
