from itertools import product

import pytest

from bucketlift.model.lifecycle import Outcome, RunState
from bucketlift.rules.health.outcome import outcome_of


@pytest.mark.parametrize(
    ("newly_held", "paused", "outcome"),
    [
        (0, False, Outcome.SUCCEEDED),
        (1, False, Outcome.SUCCEEDED_WITH_ISSUES),
        (0, True, Outcome.SUCCEEDED_WITH_ISSUES),
        (3, True, Outcome.SUCCEEDED_WITH_ISSUES),
    ],
)
def test_a_run_that_succeeded_has_issues_if_it_left_work_for_a_person(newly_held, paused, outcome):
    decided = outcome_of(RunState.SUCCEEDED, newly_held=newly_held, paused=paused)

    assert decided is outcome


def test_every_other_outcome_is_the_state_of_the_run():
    states = [state for state in RunState if state is not RunState.SUCCEEDED]

    decided = [
        outcome_of(state, newly_held=held, paused=paused).value
        for state, held, paused in product(states, (0, 2), (False, True))
    ]

    assert decided == [state.value for state in states for _ in range(4)]
