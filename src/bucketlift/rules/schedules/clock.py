"""Recognises times that were stored before the clock was set back."""

from __future__ import annotations

from datetime import timedelta

CLOCK_STEP = timedelta(minutes=1)
"""The maximum of small clock corrections, as time services make them.

If a stored time is further in the future than this, it was stored before the clock was set back.
"""
