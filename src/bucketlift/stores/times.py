"""Fast parsing of dates in S3's answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.utils import parse_timestamp


def moment(told: Any) -> datetime:
    """Parses the format of listings; other formats, such as those of headers, are left to botocore."""
    if isinstance(told, str) and told.endswith("Z") and "T" in told:
        try:
            return datetime.fromisoformat(told)
        except ValueError:
            pass
    return parse_timestamp(told)
