"""Detects times that were stored before the clock was set back."""

from __future__ import annotations

from datetime import timedelta

CLOCK_STEP = timedelta(minutes=1)
"""Tolerance for small clock corrections, as time services make them.

A stored time that is further in the future was stored before the clock was set back.
"""
