"""Moments in the answers of S3, read quickly."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.utils import parse_timestamp


def moment(told: Any) -> datetime:
    """As S3 spells those of a listing; all other spellings (headers have one of their own) are left to botocore."""
    if isinstance(told, str) and told.endswith("Z") and "T" in told:
        try:
            return datetime.fromisoformat(told)
        except ValueError:
            pass
    return parse_timestamp(told)
