from datetime import datetime, timedelta

from bucketlift.model.lifecycle import Outcome
from bucketlift.rules.health.lateness import allowed, is_reported
from bucketlift.rules.health.standing import Health, health_of

HOUR = timedelta(hours=1)
TWO = datetime(2026, 3, 1, 2)  # noqa: DTZ001 - only compared


def standing(**changes):
    quiet = {"is_on": True, "last": None, "is_running": False, "is_late": False, "needs_attention": False}
    return health_of(**{**quiet, **changes})


def test_a_workflow_without_trouble_is_healthy_even_while_it_runs():
    assert standing(last=Outcome.SUCCEEDED) == {Health.HEALTHY}
    assert standing(last=Outcome.SUCCEEDED, is_running=True) == {Health.HEALTHY, Health.RUNNING}


def test_a_workflow_may_have_several_troubles():
    found = standing(last=Outcome.FAILED, is_running=True, is_late=True, needs_attention=True)

    assert found == {Health.FAILED, Health.RUNNING, Health.LATE, Health.ATTENTION}


def test_of_a_workflow_that_is_off_nothing_is_expected_but_its_files_still_need_attention():
    found = standing(is_on=False, last=Outcome.FAILED, is_late=True, needs_attention=True)

    assert found == {Health.OFF, Health.ATTENTION}


def test_a_run_has_an_hour_or_twice_its_usual_duration():
    assert allowed([]) == HOUR
    assert allowed([HOUR / 4] * 3) == HOUR
    assert allowed([HOUR, 3 * HOUR, 50 * HOUR]) == 6 * HOUR


def test_missing_runs_are_reported_at_most_once_a_day():
    assert not is_reported(None, TWO)
    assert is_reported(TWO, TWO + HOUR)
    assert not is_reported(TWO, TWO + 23 * HOUR)
