"""Files that wait in an archive tier: a store that refuses to say whether they were restored."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bucketlift.engine.context.cancel import Cancelled
from bucketlift.engine.listing.restored import find_restored
from bucketlift.errors import AccessRefused, ObjectGone, StoreUnavailable
from bucketlift.ledger.claims.claims import Claims
from bucketlift.model.source import Restore, RestoreTier, Selection, SourceObject
from bucketlift.service.files import decisions
from bucketlift.service.runs.runs import exit_code
from builders import a_workflow, an_extract
from integration.engine.bench import Bench, Store

KEY = "in/cold.csv"
BULK = Restore(days=7, tier=RestoreTier.BULK)
REFUSED = AccessRefused("s3:GetObject was refused (403)", to=KEY, hint="Grant s3:GetObject.")
SHOWN = "Bucketlift cannot see whether the object was restored: s3:GetObject was refused (403)"


class Cold(Store):
    """A store that does not show in its listing what was restored."""

    answers: Callable[[], bool] = staticmethod(lambda: False)
    asked = 0

    def readable(self, source: SourceObject) -> bool:
        self.asked += 1
        return self.answers()


def refuse() -> bool:
    raise REFUSED


@pytest.fixture
def cold(bench: Bench) -> Cold:
    bench.store = Cold(["drop", "archive"])
    bench.store.put("drop", KEY, b"id,name\n1,Ann\n")
    bench.store.archived = frozenset({KEY})
    bench.run()
    return bench.store


def shown(bench: Bench) -> tuple[str, str | None, str | None]:
    (claim,) = Claims(bench.database).find()
    return claim.state.value, claim.what, claim.hint


def test_a_missing_right_fails_the_run_and_is_shown_with_the_file(bench: Bench, cold: Cold) -> None:
    cold.answers = refuse

    ran = bench.run()

    assert exit_code(ran) == 1
    assert [(each.what, each.hint) for each in ran.faults.values()] == [(REFUSED.what, REFUSED.hint)]
    state, what, hint = shown(bench)
    assert (state, hint) == ("archived-tier", "Grant s3:GetObject.")
    assert (what or "").endswith(SHOWN)


def test_other_files_are_loaded_beside_one_that_cannot_be_looked_up(bench: Bench, cold: Cold) -> None:
    cold.answers = refuse
    bench.store.put("drop", "in/warm.csv", b"id,name\n2,Bob\n")

    bench.run()

    assert bench.rows() == [("2", "Bob")]


def test_the_refusal_is_taken_back_when_the_right_is_there(bench: Bench, cold: Cold) -> None:
    before = shown(bench)
    cold.answers = refuse
    bench.run()
    cold.answers = lambda: False

    ran = bench.run()

    assert exit_code(ran) == 0
    assert shown(bench) == before


def test_the_file_is_loaded_once_the_right_is_there_and_it_was_restored(bench: Bench, cold: Cold) -> None:
    cold.answers = refuse
    bench.run()
    cold.answers = lambda: True

    bench.run()

    assert bench.rows() == [("1", "Ann")]


def test_a_file_that_was_tried_again_shows_the_refusal_too(bench: Bench, cold: Cold) -> None:
    cold.answers = refuse
    bench.decide(decisions.retry, KEY)

    ran = bench.run()

    assert exit_code(ran) == 1
    assert shown(bench) == (
        "archived-tier",
        f"The object is in an archive tier; {SHOWN}",
        "Grant s3:GetObject.",
    )


def test_no_restore_is_asked_for_a_file_that_could_not_be_read(bench: Bench, cold: Cold) -> None:
    cold.answers = refuse

    bench.run(a_workflow(an_extract(selection=Selection(bucket="drop", prefix="in/", restore=BULK))))

    assert cold.restores == []


def test_a_refusal_does_not_make_a_restore_be_asked_for_again(bench: Bench, cold: Cold) -> None:
    flow = a_workflow(an_extract(selection=Selection(bucket="drop", prefix="in/", restore=BULK)))
    bench.run(flow)
    before = shown(bench)
    cold.answers = refuse
    bench.run(flow)
    cold.answers = lambda: False

    bench.run(flow)

    assert [key for key, _ in cold.restores] == [KEY]
    assert shown(bench) == before


def test_a_store_that_cannot_be_reached_fails_the_run_and_is_no_reason_to_keep(
    bench: Bench, cold: Cold
) -> None:
    before = shown(bench)

    def unreachable() -> bool:
        raise StoreUnavailable("The store could not be reached", to=KEY)

    cold.answers = unreachable

    ran = bench.run()

    assert (exit_code(ran), shown(bench)) == (1, before)


def test_an_object_that_went_meanwhile_is_no_fault(bench: Bench, cold: Cold) -> None:
    def gone() -> bool:
        raise ObjectGone("No object exists under the key", to=KEY)

    cold.answers = gone

    assert exit_code(bench.run()) == 0


def test_a_cancelled_run_asks_for_no_further_file(bench: Bench, cold: Cold) -> None:
    (claim,) = Claims(bench.database).find()

    class Cancelling:
        def check_cancelled(self) -> None:
            if cold.asked >= 3:
                raise Cancelled

    waiting = [claim] * 500

    with pytest.raises(Cancelled):
        find_restored(Cancelling(), cold, waiting)  # type: ignore[arg-type] # all that it asks of a run

    assert cold.asked < 20
