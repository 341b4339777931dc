"""Reads the HTTP header Retry-After, which contains a number of seconds or a date."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

LONGEST = 24 * 3600.0


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that the header Retry-After asks to wait, at most one day; None if the header is missing or
    not valid.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(float(text), LONGEST)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        return None
    return min(max((moment - now).total_seconds(), 0.0), LONGEST)
