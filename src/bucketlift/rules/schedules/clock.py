"""Detects times that were stored before the clock was set back."""

from __future__ import annotations

from datetime import timedelta

CLOCK_STEP = timedelta(minutes=1)
"""Tolerance for small clock corrections, as time services make them. A stored time further in the future is from
before the clock was set back.
"""
