"""A file that came late is that of the time it missed, if it came nearer to that than to the next."""

from __future__ import annotations

from datetime import timedelta

from bucketlift.rules.schedules.silence import counted_from
from builders import NOON

HOUR = timedelta(hours=1)
EXPECTED = NOON + 24 * HOUR


def test_where_nothing_was_missed_all_since_the_last_look_counts():
    assert counted_from(NOON + HOUR, missed=None, expected=EXPECTED) == NOON + HOUR


def test_after_a_missed_time_only_the_nearer_half_counts():
    assert counted_from(NOON + HOUR, missed=NOON, expected=EXPECTED) == NOON + 12 * HOUR


def test_nothing_from_before_the_last_look_counts():
    assert counted_from(NOON + 20 * HOUR, missed=NOON, expected=EXPECTED) == NOON + 20 * HOUR
