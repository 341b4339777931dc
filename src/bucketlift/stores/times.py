"""Fast parsing of dates in S3's answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.utils import parse_timestamp


def moment(value: Any) -> datetime:
    """Parses the format of listings; other formats, such as those of headers, are left to botocore."""
    if isinstance(value, str) and value.endswith("Z") and "T" in value:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    return parse_timestamp(value)
