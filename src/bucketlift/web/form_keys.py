"""The keys of forms that make something. See CONTRIBUTING, "Forms"."""

from __future__ import annotations

import re
from secrets import token_urlsafe

_KEY = re.compile("[A-Za-z0-9_-]{8,40}")


def new_form_key() -> str:
    return token_urlsafe(9)


def form_key(sent: object) -> str:
    """The key that the browser sent; a new one if it sent none."""
    return sent if isinstance(sent, str) and _KEY.fullmatch(sent) else new_form_key()
