"""No polluted file is read silently wrong, and each is read as the rules say; ``make score`` tries all files."""

from __future__ import annotations

import pytest

from pollution.bases import BASES
from pollution.generator import BESIDE, POLLUTIONS, cases, some_cases
from pollution.judge import Outcome
from pollution.peers import python_csv
from pollution.readers import bucketlift_answered, bucketlift_default, bucketlift_tolerant
from pollution.score import judged, score

EVERY = 40
"""One file in so many, to be quick."""


@pytest.mark.slow
def test_no_polluted_file_is_read_silently_wrong_where_no_reject_is_allowed():
    found = judged(some_cases(EVERY), {"": bucketlift_default})

    assert [(case.name, each.wrong) for case, _, each in found if each.outcome is Outcome.WRONG] == []


@pytest.mark.slow
def test_with_rejects_allowed_good_rows_are_accepted_and_all_damage_is_rejected():
    files = (case for case in some_cases(EVERY) if case.kind not in BESIDE)

    found = judged(files, {"": bucketlift_answered})

    assert [
        (case.name, each.wrong, each.broken) for case, _, each in found if each.wrong or each.broken
    ] == []


@pytest.mark.slow
def test_what_is_left_of_a_torn_row_can_look_like_one_and_only_a_limit_of_rejects_tells():
    files = [case for kind in sorted(BESIDE) for case in cases(kind)]
    readers = {"default": bucketlift_default, "any rejects": bucketlift_tolerant}

    assert score(files, readers) == {
        ("default", "line break in an outer cell", Outcome.REFUSED): 114,
        ("default", "last closing quote missing", Outcome.REFUSED): 2,
        ("any rejects", "line break in an outer cell", Outcome.REFUSED): 21,
        ("any rejects", "line break in an outer cell", Outcome.WRONG): 93,
        ("any rejects", "last closing quote missing", Outcome.WRONG): 2,
    }


@pytest.mark.slow
def test_the_scorer_tells_other_readers_apart():
    found = score(some_cases(EVERY), {"": python_csv})

    assert {outcome for _, _, outcome in found} == {Outcome.EXACT, Outcome.REFUSED, Outcome.WRONG}


@pytest.mark.slow
def test_every_pollution_makes_files_with_names_of_their_own():
    base = BASES[0]

    names = [(kind, each.where) for kind, pollution in POLLUTIONS.items() for each in pollution(base)]

    assert len(names) == len(set(names)) > 500
    assert {kind for kind, _ in names} == POLLUTIONS.keys() - {"last closing quote missing"}
