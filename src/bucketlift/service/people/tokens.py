"""Words that nobody can guess. Only their hash is kept."""

from __future__ import annotations

import hashlib
import hmac
from secrets import token_urlsafe

BYTES = 32


def new_token() -> str:
    return token_urlsafe(BYTES)


def hashed(token: str) -> str:
    """Without salt: a token has 256 random bits, so no list of likely ones can be hashed beforehand."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived(token: str, purpose: str) -> str:
    """A second token that whoever knows the first can make; it does not tell the first."""
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()
