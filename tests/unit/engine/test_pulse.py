"""How often a run looks up whether it is to go on."""

from __future__ import annotations

from bucketlift.engine.context.cancel import StandingCache
from bucketlift.model.run import Standing

GOOD = Standing(leased=True, cancel_asked=False)


class Watch:
    """A clock that a test sets, and the moments at which the ledger was asked."""

    def __init__(self, *, takes: float = 0.0) -> None:
        self.now = 0.0
        self.asked: list[float] = []
        self._takes = takes

    def ask(self) -> Standing:
        self.asked.append(self.now)
        self.now += self._takes
        return GOOD


def test_an_answer_counts_for_less_than_a_second():
    watch = Watch()
    pulse = StandingCache(clock=lambda: watch.now)

    for watch.now in (0.0, 0.5, 0.99, 1.0, 1.5, 20.0):
        assert pulse.look(watch.ask) == GOOD

    assert watch.asked == [0.0, 1.0, 20.0]


def test_an_answer_is_as_old_as_its_question():
    watch = Watch(takes=9.0)
    pulse = StandingCache(clock=lambda: watch.now)

    pulse.look(watch.ask)
    pulse.look(watch.ask)

    assert watch.asked == [0.0, 9.0]
