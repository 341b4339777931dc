"""The time of a fleet is the ledger's, counted on between two questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bucketlift.bootstrap.clock import LedgerClock
from bucketlift.errors import LedgerUnavailable
from builders import NOON


@dataclass
class Ledger:
    """Its own clock, and the seconds of the machine that asks."""

    seconds: float = 1000.0
    ahead: float = 0.0
    """Of the machine's seconds, as a clock that goes another way."""
    asked: int = 0
    away: bool = False

    def now(self):
        self.asked += 1
        if self.away:
            raise LedgerUnavailable("The ledger broke off", to="x")
        return NOON + timedelta(seconds=self.seconds - 1000 + self.ahead)

    def clock(self):
        return LedgerClock(self.now, seconds=lambda: self.seconds)


def test_the_ledgers_time_is_counted_on_without_a_question():
    ledger = Ledger()
    clock = ledger.clock()

    ledger.seconds += 29.5

    assert (clock.now(), ledger.asked) == (NOON + timedelta(seconds=29.5), 1)


def test_after_a_while_the_ledger_is_asked_again():
    ledger = Ledger()
    clock = ledger.clock()

    ledger.seconds, ledger.ahead = ledger.seconds + 30, 2.0

    assert (clock.now(), ledger.asked) == (NOON + timedelta(seconds=32), 2)


def test_while_the_ledger_is_away_time_goes_on_and_it_is_asked_now_and_then():
    ledger = Ledger()
    clock = ledger.clock()

    ledger.seconds, ledger.away = ledger.seconds + 31, True
    first = clock.now()
    ledger.seconds += 5
    second = clock.now()

    assert [first, second] == [NOON + timedelta(seconds=31), NOON + timedelta(seconds=36)]
    assert ledger.asked == 2
