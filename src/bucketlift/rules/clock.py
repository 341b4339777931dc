"""What is believed of a time that was kept before the clock was set."""

from __future__ import annotations

from datetime import timedelta

CLOCK_STEP = timedelta(minutes=1)
"""A clock may be set back by so much between two looks at it, as time services do. A kept time that lies further
ahead is from before the clock was set back."""
