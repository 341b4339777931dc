"""Times that the ledger keeps from before the clock was set back make nothing wait and nothing fail."""

from __future__ import annotations

from datetime import timedelta

from bucketlift.model.workflow import Keep
from builders import NOON, a_load, a_workflow, an_extract

KEPT = a_workflow(an_extract(after_import=Keep()), a_load())
DAY = timedelta(days=1)


def test_newer_bytes_under_a_key_that_was_found_in_the_future_are_loaded(bench):
    bench.clock.at = NOON + DAY
    bench.store.put("drop", "in/a", b"id,name\n1,Ada\n")
    bench.run(KEPT)
    bench.clock.at = NOON
    bench.store.put("drop", "in/a", b"id,name\n2,Bob\n")

    ran = bench.run(KEPT)

    assert ran.state.value == "succeeded"
    assert bench.rows() == [("1", "Ada"), ("2", "Bob")]
