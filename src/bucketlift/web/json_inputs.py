"""Reads the JSON values that buttons and hidden inputs of the page send."""

from __future__ import annotations

import json
from typing import Any


def json_of(text: str) -> Any:
    """The value of a JSON text; None if it is not one that the page can have sent: not JSON, nested too deeply, with
    a number that is not finite, or with text that UTF-8 cannot hold.
    """
    try:
        found = json.loads(text)
        json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found
