"""Listing minus ledger: which objects are taken, and why others are left."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from bucketlift.model.claim import KeyFacts
from bucketlift.model.contract import ADDED, Contract, Dialect, Field
from bucketlift.model.lifecycle import FileState
from bucketlift.model.transforms.row_checks import RowChecks, UpsertKey
from bucketlift.model.workflow import Repeats
from bucketlift.rules.take import Decision, Taken, fingerprint, take
from builders import NOON, a_claim, a_listing, a_source, an_extract

KEYED = RowChecks(keys=(UpsertKey(fields=("id",)),))


def taken(facts: KeyFacts, *, repeats: Repeats = Repeats.LOAD, unit_free: bool = True, **listing) -> Taken:
    return take(a_listing(**listing), facts, repeats=repeats, contract="now", unit_free=unit_free)


def known_as(state: FileState, **claim) -> KeyFacts:
    return KeyFacts(newest=a_source(), claim=a_claim(state=state, **claim))


def test_a_key_never_seen_is_the_first_occurrence():
    assert taken(KeyFacts()) == Taken(decision=Decision.TAKE, occurrence=1, reason="new")


def test_other_bytes_under_a_known_key_are_the_next_occurrence():
    answer = taken(known_as(FileState.DONE), etag="e2")

    assert answer == Taken(decision=Decision.TAKE, occurrence=2, reason="new")


def test_equal_etag_with_another_size_is_the_next_occurrence():
    assert taken(known_as(FileState.DONE), size=11).occurrence == 2


def test_the_same_bytes_after_our_confirmed_delete_are_a_new_arrival():
    facts = KeyFacts(newest=a_source(), removed=True, claim=a_claim(state=FileState.DONE))

    assert taken(facts) == Taken(decision=Decision.TAKE, occurrence=2, reason="new")


def test_the_same_bytes_while_our_delete_is_unconfirmed_are_the_same_file():
    assert taken(known_as(FileState.ACTING)) == Taken(
        decision=Decision.KNOWN, occurrence=1, reason="loaded before"
    )


def test_an_occurrence_that_only_another_task_knows_is_taken_under_its_number():
    facts = KeyFacts(newest=a_source(occurrence=3))

    assert taken(facts) == Taken(decision=Decision.TAKE, occurrence=3, reason="new")


@pytest.mark.parametrize(
    "state",
    [
        FileState.CLAIMED,
        FileState.STAGED,
        FileState.RETRYING,
        FileState.GONE,
        FileState.SUPERSEDED,
    ],
)
def test_what_an_earlier_run_did_not_finish_is_taken_again(state):
    answer = taken(known_as(state))

    assert answer == Taken(decision=Decision.TAKE, occurrence=1, reason="not finished by an earlier run")


@pytest.mark.parametrize(
    "state", [FileState.COMMITTED, FileState.ACTING, FileState.DONE, FileState.ACTION_HELD]
)
def test_what_is_committed_is_known_whatever_is_still_to_be_done_to_it(state):
    assert taken(known_as(state)).decision is Decision.KNOWN


def test_a_file_skipped_by_a_condition_is_taken_again_and_one_skipped_by_a_person_is_not():
    by_condition = taken(known_as(FileState.SKIPPED, reason="condition"))
    by_person = taken(known_as(FileState.SKIPPED, reason="ignored"))

    assert by_condition.decision is Decision.TAKE
    assert by_person == Taken(decision=Decision.KNOWN, occurrence=1, reason="skipped: ignored")


def test_a_held_file_stays_held_until_its_contract_changes():
    same = taken(known_as(FileState.HELD, reason="missing-column", contract="now"))
    changed = taken(known_as(FileState.HELD, reason="missing-column", contract="before"))

    assert (same.decision, changed.decision) == (Decision.HELD, Decision.TAKE)


def test_a_new_contract_does_not_free_a_file_that_a_person_put_on_hold():
    assert taken(known_as(FileState.HELD, reason="asked", contract="before")).decision is Decision.HELD


def test_a_file_held_for_its_units_sake_is_taken_once_no_other_holds_the_unit():
    member = known_as(FileState.HELD, reason="member-held", contract="now")

    assert taken(member, unit_free=False).decision is Decision.HELD
    assert taken(member, unit_free=True).decision is Decision.TAKE


@pytest.mark.parametrize(
    ("repeats", "decision"),
    [
        (Repeats.LOAD, Decision.TAKE),
        (Repeats.HOLD, Decision.REPEATED_HOLD),
        (Repeats.SKIP, Decision.REPEATED_SKIP),
    ],
)
def test_the_same_bytes_as_a_new_arrival_follow_the_policy_for_repeats(repeats, decision):
    facts = KeyFacts(
        newest=a_source(), removed=True, claim=a_claim(state=FileState.DONE), same_bytes_loaded=NOON
    )

    answer = taken(facts, repeats=repeats)

    assert (answer.decision, answer.occurrence) == (decision, 2)


def test_a_repeat_says_when_its_bytes_were_loaded():
    facts = KeyFacts(newest=a_source(), removed=True, same_bytes_loaded=NOON)

    answer = taken(facts, repeats=Repeats.HOLD)

    assert answer.reason == "the same bytes were loaded on 2026-03-01 12:00 UTC"


def test_a_file_that_a_person_retries_is_taken_although_its_bytes_repeat():
    facts = KeyFacts(
        newest=a_source(occurrence=2), claim=a_claim(state=FileState.RETRYING), same_bytes_loaded=NOON
    )

    assert taken(facts, repeats=Repeats.HOLD).decision is Decision.TAKE


def test_what_this_workflow_wrote_is_never_taken():
    assert taken(KeyFacts(written_by_us=True)).decision is Decision.RENAMED


def test_the_fingerprint_changes_with_all_that_decides_whether_a_file_is_held():
    task = an_extract()
    wider = an_extract(contract=Contract(fields=(Field(name="id"),)))

    assert fingerprint(task, RowChecks()) == fingerprint(an_extract(), RowChecks())
    assert (
        len({fingerprint(task, RowChecks()), fingerprint(wider, RowChecks()), fingerprint(task, KEYED)}) == 3
    )


def test_a_setting_added_later_changes_the_fingerprint_only_if_it_is_set():
    task = an_extract(contract=Contract(fields=(Field(name="id"),)))
    given = an_extract(contract=replace(task.contract, dialect=Dialect(footer_given=True)))
    marked = [each.name for each in fields(Dialect) if each.metadata == ADDED]

    assert "footer_given" in marked
    assert not any(name in repr(given) for name in marked)
    assert fingerprint(given, RowChecks()) != fingerprint(task, RowChecks())
