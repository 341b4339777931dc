"""The message after a decision about a file."""

from __future__ import annotations

import pytest

from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.service.files import decisions
from builders import a_claim

LOADS = "The next run of nightly loads the file: bucketlift run nightly"
ACTS = "The next run of nightly executes the action on the object: bucketlift run nightly"


@pytest.mark.parametrize(("state", "expected"), [(FileState.HELD, LOADS), (FileState.ACTION_HELD, ACTS)])
def test_a_retry_says_what_the_next_run_does(state, expected):
    claim = a_claim(state=state)

    decision = decisions.retry(claim)

    assert decision.following.format(workflow="nightly") == expected


def test_a_retry_of_repeated_bytes_accepts_them():
    claim = a_claim(state=FileState.SKIPPED, reason=HeldReason.REPEATED_BYTES.value)

    assert decisions.retry(claim).transition.accepted == frozenset({HeldReason.REPEATED_BYTES.value})
