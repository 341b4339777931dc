"""Recognises times that were stored before the clock was set back."""

from __future__ import annotations

from datetime import timedelta

CLOCK_STEP = timedelta(minutes=1)
"""Maximum size of a clock correction that a time service may make.
If a stored time is further in the future than this, it was stored before the clock was set back.
"""
