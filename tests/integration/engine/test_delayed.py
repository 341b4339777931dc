"""An action with a delay waits for its time, and a person may change their mind until then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.ledger.triggers.schedules import Schedules
from bucketlift.model.run import OUTBOX
from bucketlift.model.workflow import Delete, Keep, Move
from bucketlift.service.files import decisions, files
from builders import NOON, a_load, a_workflow, an_extract

ROWS = b"id,name\n1,Ada\n"
WEEK = timedelta(days=7)
LATER = a_workflow(an_extract(after_import=Delete(delay=WEEK)), a_load())


@pytest.fixture
def loaded(bench):
    """One file, loaded, whose delete is a week away."""
    bench.store.put("drop", "in/a.csv", ROWS)
    bench.run(LATER)
    return bench


def test_a_run_ends_without_waiting_and_tells_when_the_object_goes(loaded):
    (file,) = files.outcomes(loaded.app(), files.find(loaded.app(), waiting=True))

    assert loaded.store.objects("drop") == {"in/a.csv": ROWS}
    assert (file["state"], file["due_at"], file["what"]) == (
        "committed",
        "2026-03-08T12:00:00.000Z",
        "The object will be deleted at 2026-03-08T12:00:00.000Z",
    )


def test_nothing_happens_before_the_time_and_everything_after_it(loaded):
    loaded.clock.at = NOON + WEEK - timedelta(seconds=1)
    loaded.run(LATER)
    before = loaded.states(), loaded.store.objects("drop")
    loaded.clock.at = NOON + WEEK

    loaded.run(LATER)

    assert before == ({"in/a.csv": ("committed", None)}, {"in/a.csv": ROWS})
    assert (loaded.states(), loaded.store.objects("drop")) == ({"in/a.csv": ("done", None)}, {})


def test_a_delayed_move_copies_nothing_before_its_time(bench):
    flow = a_workflow(an_extract(after_import=Move(bucket="archive", delay=WEEK)), a_load())
    bench.store.put("drop", "in/a.csv", ROWS)
    bench.run(flow)
    before = bench.store.objects("archive")
    bench.clock.at = NOON + WEEK

    bench.run(flow)

    assert (before, bench.store.objects("archive"), bench.store.objects("drop")) == (
        {},
        {"in/a.csv": ROWS},
        {},
    )


def test_another_delay_in_a_newer_version_changes_no_action_that_is_fixed(loaded):
    loaded.run(a_workflow(an_extract(after_import=Keep()), a_load()))
    loaded.clock.at = NOON + WEEK

    loaded.run(a_workflow(an_extract(after_import=Keep()), a_load()))

    assert (loaded.states(), loaded.store.objects("drop")) == ({"in/a.csv": ("done", None)}, {})


def test_a_held_delete_waits_for_its_old_time_once_it_is_retried(loaded):
    loaded.decide(decisions.hold, "in/a.csv")
    held = loaded.states()
    loaded.decide(decisions.retry, "in/a.csv")
    loaded.run(LATER)
    waiting = loaded.states()
    loaded.clock.at = NOON + WEEK

    loaded.run(LATER)

    assert (held, waiting) == ({"in/a.csv": ("action-held", "asked")}, {"in/a.csv": ("committed", None)})
    assert loaded.states() == {"in/a.csv": ("done", None)}


def test_an_ignored_delete_leaves_the_object_for_good(loaded):
    loaded.decide(decisions.ignore, "in/a.csv")
    loaded.clock.at = NOON + WEEK

    loaded.run(LATER)

    assert loaded.states() == {"in/a.csv": ("done", "ignored")}
    assert loaded.store.objects("drop") == {"in/a.csv": ROWS}
    assert files.find(loaded.app(), waiting=True) == []


def test_bytes_that_came_under_the_key_meanwhile_are_not_touched(loaded):
    other = b"id,name\n2,Bob\n"
    loaded.store.put("drop", "in/a.csv", other)
    loaded.clock.at = NOON + WEEK
    kept = a_workflow(an_extract(after_import=Keep()), a_load())

    loaded.run(kept)

    assert loaded.store.objects("drop") == {"in/a.csv": other}
    assert loaded.reasons("in/a.csv") == ["source-replaced", None]


def test_receipts_are_looked_up_again_before_a_delayed_delete(loaded):
    loaded.loader.committed.clear()
    loaded.clock.at = NOON + WEEK

    loaded.run(LATER)

    assert loaded.states() == {"in/a.csv": ("action-held", "receipt-missing")}
    assert loaded.store.objects("drop") == {"in/a.csv": ROWS}


def test_a_run_for_the_outbox_acts_and_neither_lists_nor_loads(loaded):
    loaded.store.put("drop", "in/b.csv", ROWS)
    loaded.clock.at = NOON + WEEK

    run = loaded.run(LATER, trigger=OUTBOX)

    assert loaded.states() == {"in/a.csv": ("done", None)}
    assert loaded.store.objects("drop") == {"in/b.csv": ROWS}
    assert (run.state.value, run.document["tasks"][0]["files"]["found"]) == ("succeeded", 0)


def test_a_wish_for_a_whole_run_is_not_lost_in_one_for_the_outbox(loaded):
    runs = loaded.services().ledger.runs
    first = runs.ask("nightly", 1, trigger=OUTBOX, now=NOON)

    second = runs.ask("nightly", 1, trigger="demand", now=NOON)
    third = runs.ask("nightly", 1, trigger=OUTBOX, now=NOON)

    assert {each.id for each in (first, second, third)} == {first.id}
    assert runs.get(first.id).trigger == "demand"


def test_a_delete_that_was_sent_can_be_neither_held_nor_ignored(loaded):
    claim = loaded.id_of("in/a.csv")
    lease = loaded.services().ledger.runs.take_lease("nightly", "worker", lambda _: False)
    loaded.services().ledger.outbox.send(lease, [claim], now=NOON)

    for wish in (decisions.hold, decisions.ignore):
        with pytest.raises(RequestWrong, match="has changed in the meantime"):
            loaded.decide(wish, "in/a.csv")


def test_a_delay_that_began_before_the_clock_was_set_back_is_counted_from_now(bench):
    bench.clock.at = NOON + timedelta(days=365)
    bench.store.put("drop", "in/a.csv", ROWS)
    bench.run(LATER)
    schedules = Schedules(bench.database)
    due = [bool(schedules.act(now=now)) for now in (NOON, NOON + WEEK - timedelta(seconds=1), NOON + WEEK)]

    assert due == [False, False, True]
