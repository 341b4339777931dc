"""What a directory promises as a destination: as every loader, and by merge rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bucketlift.errors import DestinationBusy, LeaseLost, OurFault
from bucketlift.model.directory.people import UndoEffect
from bucketlift.model.directory.targets import EMPLOYEES
from bucketlift.model.finding import Health
from bucketlift.model.load import LoadId, LoadUnit
from bucketlift.model.rows import RefusedRow, RejectReason, RowStream
from bucketlift.ports import RowsRefused
from contract.destinations import counts
from contract.directories import (
    BY_ID,
    BY_MAIL,
    person,
    rows,
    some_contacts,
    some_employees,
    staff,
)

CONTACTS = some_contacts(BY_ID)
ADA, GRACE = ("1", "Ada", "ada@example.com"), ("2", "Grace", "")


def test_a_commit_makes_people_and_receipts_visible_together(directory):
    receipts = directory.load(CONTACTS, {"load-1": rows(ADA, GRACE)})

    assert directory.people() == [person(*ADA), person(*GRACE)]
    assert counts(receipts) == [("load-1", 2, 0, 0)]
    assert directory.loader.receipts([LoadId("load-1"), LoadId("other")]) == {"load-1": receipts[0]}


@pytest.mark.parametrize("target", [CONTACTS, some_contacts()], ids=["merge", "always new"])
def test_leaving_without_commit_leaves_nothing(directory, target):
    with directory.loader.begin(LoadUnit(target=target, loads=(LoadId("load-1"),))) as load:
        load.write(LoadId("load-1"), rows(ADA))

    assert directory.people() == []
    assert directory.loader.receipts([LoadId("load-1")]) == {}


def test_an_absent_directory_has_no_receipts_and_no_people(directory):
    assert directory.loader.receipts([LoadId("load-1")]) == {}
    assert directory.loader.receipts_since(datetime.now(UTC) - timedelta(days=1)) == ()
    assert directory.loader.columns() == {}
    assert directory.look.counts() == {"contacts": 0, "employees": 0, "lists": 0, "transactions": 0}
    assert directory.look.person("contacts", "1") is None


def test_a_failing_stream_shows_its_own_error_and_undoes_everything(directory):
    def until_the_disk_fails():
        yield from rows(ADA)
        raise ConnectionResetError("half way")

    broken = RowStream(schema=rows(ADA).schema, batches=until_the_disk_fails())
    with pytest.raises(ConnectionResetError, match="half way"):
        directory.load(CONTACTS, {"load-1": broken})

    assert directory.people() == []


def test_a_load_that_was_never_written_gets_no_receipt(directory):
    unit = LoadUnit(target=CONTACTS, loads=(LoadId("load-1"), LoadId("load-2")))
    with directory.loader.begin(unit) as load:
        load.write(LoadId("load-1"), rows(ADA))
        with pytest.raises(OurFault, match="load-2"):
            load.commit()

    assert directory.loader.receipts(unit.loads) == {}


def test_a_committed_load_is_refused_with_all_of_its_unit(directory):
    directory.load(CONTACTS, {"load-1": rows(ADA)})

    with pytest.raises(LeaseLost):
        directory.load(CONTACTS, {"load-2": rows(GRACE), "load-1": rows(ADA)})

    assert directory.people() == [person(*ADA)]


def test_a_fence_that_raises_leaves_nothing(directory):
    def taken_over():
        raise LeaseLost("Another worker has the run")

    with pytest.raises(LeaseLost):
        directory.load(CONTACTS, {"load-1": rows(ADA)}, taken_over)

    assert directory.people() == []


def test_receipts_since_are_those_of_this_installation(directory):
    before = datetime.now(UTC) - timedelta(minutes=1)
    (ours,) = directory.load(CONTACTS, {"load-1": rows(ADA)})
    theirs = directory.of("theirs")
    with theirs.begin(LoadUnit(target=CONTACTS, loads=(LoadId("load-2"),))) as load:
        load.write(LoadId("load-2"), rows(GRACE))
        load.commit()

    assert directory.loader.receipts_since(before) == (ours,)


def test_a_directory_that_another_session_writes_to_is_busy(directory):
    directory.load(CONTACTS, {"load-1": rows(ADA)})

    with directory.held_by_another(), pytest.raises(DestinationBusy):
        directory.load(CONTACTS, {"load-2": rows(GRACE)})

    assert directory.people() == [person(*ADA)]


def test_a_match_updates_with_the_newest_values_and_an_empty_cell_removes_the_value(directory):
    directory.load(CONTACTS, {"load-1": rows(ADA, GRACE)})

    receipts = directory.load(CONTACTS, {"load-2": rows(("1", "Ada L.", ""), GRACE, ("3", "Edsger", ""))})

    assert directory.people() == [person("1", "Ada L."), person(*GRACE), person("3", "Edsger")]
    assert counts(receipts) == [("load-2", 1, 1, 1)]


def test_fields_that_a_load_does_not_name_stay(directory):
    directory.load(CONTACTS, {"load-1": rows(ADA)})
    target = some_contacts(BY_ID, fields={"id": "ExternalReference", "name": "Office"})

    directory.load(target, {"load-2": rows(("1", "Denver", ""))})

    assert directory.people() == [person(*ADA) | {"Office": "Denver"}]


def test_rules_are_tried_in_order_until_one_finds_a_contact(directory):
    both = some_contacts(BY_ID, BY_MAIL)
    directory.load(both, {"load-1": rows(("1", "Ada", "a@x.org"), ("2", "Grace", "g@x.org"))})

    receipts = directory.load(both, {"load-2": rows(("1", "One", "g@x.org"), ("9", "Two", "a@x.org"))})

    # The first row is contact 1 by the first rule, and takes over the address that contact 2 has too.
    assert directory.people() == [
        person("1", "One", "g@x.org"),
        person("2", "Grace", "g@x.org"),
        person("9", "Two", "a@x.org"),
    ]
    assert counts(receipts) == [("load-2", 1, 1, 0)]


def test_a_rule_needs_all_its_fields_and_is_skipped_if_the_row_or_the_contact_lacks_one(directory):
    target = some_contacts(("FirstName", "Email"), BY_ID)
    directory.load(target, {"load-1": rows(("1", "Ada", ""), ("2", "Ada", "a@x.org"))})

    directory.load(target, {"load-2": rows(("5", "Ada", "a@x.org"), ("1", "", "new@x.org"))})

    assert directory.people() == [person("1", "", "new@x.org"), person("5", "Ada", "a@x.org")]


def test_matching_ignores_case_also_beyond_ascii(directory):
    by_name = some_contacts(("FirstName",), fields={"id": "ExternalReference", "name": "FirstName"})
    directory.load(by_name, {"load-1": rows(("1", "Straße", ""), ("2", "ÉLODIE", ""))})

    receipts = directory.load(by_name, {"load-2": rows(("3", "STRASSE", ""), ("4", "élodie", ""))})

    assert counts(receipts) == [("load-2", 0, 2, 0)]


def test_two_rows_of_one_file_that_become_one_contact_update_it_in_order(directory):
    receipts = directory.load(
        CONTACTS, {"load-1": rows(("1", "Ada", ""), ("1", "Ada L.", ""), ("1", "A. L.", ""))}
    )

    assert directory.people() == [person("1", "A. L.")]
    assert counts(receipts) == [("load-1", 1, 2, 0)]


def test_a_row_that_matches_two_contacts_is_refused_with_its_line_and_nothing_is_written(directory):
    directory.load(some_contacts(), {"load-1": rows(("1", "Ada", "a@x.org"), ("2", "Eva", "A@X.org"))})

    with pytest.raises(RowsRefused) as refused:
        directory.load(
            some_contacts(BY_MAIL), {"load-2": rows(("3", "New", "n@x.org"), ("4", "Who", "a@x.ORG"))}
        )

    row = RefusedRow(line=3, reason=RejectReason.AMBIGUOUS, field="mail")
    assert refused.value.rows == {"load-2": (row,)}
    assert [each["FirstName"] for each in directory.people()] == ["Ada", "Eva"]


def test_without_rules_every_row_is_a_new_contact(directory):
    directory.load(some_contacts(), {"load-1": rows(ADA, ADA)})

    directory.load(some_contacts(), {"load-2": rows(ADA)})

    assert directory.people() == [person(*ADA)] * 3


def test_a_rule_that_is_new_to_the_directory_finds_contacts_from_before(directory):
    directory.load(CONTACTS, {"load-1": rows(ADA, GRACE)})

    receipts = directory.load(some_contacts(BY_MAIL), {"load-2": rows(("7", "Ada", "ADA@example.com"))})

    assert counts(receipts) == [("load-2", 0, 1, 0)]
    assert directory.look.rules("contacts") == (BY_ID, BY_MAIL)


def test_contacts_join_the_list_of_their_load_once(directory):
    target = some_contacts(BY_ID, list="All staff")
    directory.load(target, {"load-1": rows(ADA)})

    directory.load(target, {"load-2": rows(ADA, GRACE)})
    directory.load(CONTACTS, {"load-3": rows(("3", "Edsger", ""))})

    assert directory.members("All staff") == ["1", "2"]
    assert [(each.name, each.contacts) for each in directory.look.lists()] == [("All staff", 2)]


def test_employees_are_upserted_by_exactly_their_identifier(directory):
    directory.load(some_employees(), {"load-1": staff(("a1", "Ada", "L", "a@x.org", "Denver"))})

    receipts = directory.load(
        some_employees(),
        {"load-2": staff(("A1", "Eva", "M", "e@x.org", ""), ("a1", "Ada", "L", "a@x.org", "Paris"))},
    )

    ada = {
        "UniqueIdentifier": "a1",
        "FirstName": "Ada",
        "LastName": "L",
        "Email": "a@x.org",
        "office": "Paris",
    }
    eva = {"UniqueIdentifier": "A1", "FirstName": "Eva", "LastName": "M", "Email": "e@x.org"}
    assert directory.people(EMPLOYEES) == [ada, eva]
    assert directory.people() == []
    assert counts(receipts) == [("load-2", 1, 1, 0)]
    assert directory.loader.columns() == {
        EMPLOYEES: ("UniqueIdentifier", "FirstName", "LastName", "Email", "office")
    }


def test_the_doctor_leaves_nothing_behind(directory):
    found = directory.loader.examine()

    assert {each.health for each in found} <= {Health.OK, Health.WARNING}
    assert directory.look.counts()["contacts"] == 0


def test_undoing_a_load_restores_what_it_changed(directory):
    directory.load(some_contacts(BY_ID, list="One"), {"load-1": rows(ADA, GRACE)})
    before = directory.people()
    directory.load(
        some_contacts(BY_ID, list="Two"), {"load-2": rows(("1", "Wrong", "w@x.org"), ("3", "New", ""))}
    )

    undone = directory.loader.unload(CONTACTS, LoadId("load-2"))

    assert undone == 2
    assert directory.people() == before
    assert (directory.members("One"), directory.members("Two")) == (["1", "2"], [])
    assert directory.loader.receipts([LoadId("load-1"), LoadId("load-2")]).keys() == {"load-1"}
    assert directory.loader.unload(CONTACTS, LoadId("load-2")) == 0


def test_an_undone_load_can_be_loaded_again(directory):
    directory.load(CONTACTS, {"load-1": rows(ADA)})
    directory.loader.unload(CONTACTS, LoadId("load-1"))

    receipts = directory.load(CONTACTS, {"load-1": rows(GRACE)})

    assert directory.people() == [person(*GRACE)]
    assert directory.loader.receipts([LoadId("load-1")]) == {"load-1": receipts[0]}


def test_undoing_a_load_keeps_what_later_loads_set_or_confirmed(directory):
    directory.load(CONTACTS, {"load-1": rows(ADA)})
    wrong = rows(("1", "Eva", "e@x.org"), ("2", "Grace", ""), ("3", "Stray", ""))
    directory.load(CONTACTS, {"load-2": wrong})
    only_names = some_contacts(BY_ID, fields={"id": "ExternalReference", "name": "FirstName"})
    directory.load(only_names, {"load-3": rows(("1", "Eva", ""), ("2", "G. H.", ""))})

    effect = directory.look.undo_effect(LoadId("load-2"))
    directory.loader.unload(CONTACTS, LoadId("load-2"))

    assert directory.people() == [person("1", "Eva", "ada@example.com"), person("2", "G. H.")]
    assert effect == UndoEffect(rows=3, deleted=1, restored=1, kept=2, examples=(1, 2))


def test_a_contact_is_found_again_by_the_values_that_an_undo_restored(directory):
    by_mail = some_contacts(BY_MAIL)
    directory.load(by_mail, {"load-1": rows(ADA)})
    by_id = some_contacts(BY_ID)
    directory.load(by_id, {"load-2": rows(("1", "Ada", "other@x.org"))})
    directory.loader.unload(by_id, LoadId("load-2"))

    receipts = directory.load(by_mail, {"load-3": rows(ADA, ("1", "Other", "other@x.org"))})

    assert counts(receipts) == [("load-3", 1, 0, 1)]


def test_each_value_shows_the_load_and_line_that_it_comes_from(directory):
    directory.load(CONTACTS, {"load-1": rows(GRACE, ADA)})
    directory.load(CONTACTS, {"load-2": rows(("1", "A. L.", "ada@example.com"))})
    directory.load(CONTACTS, {"load-3": rows(("1", "Wrong", "wrong@x.org"))})
    directory.loader.unload(CONTACTS, LoadId("load-3"))

    found = directory.look.person("contacts", "2")

    assert {name: (each.load, each.line) for name, each in found.sources.items()} == {
        "ExternalReference": ("load-1", 3),
        "FirstName": ("load-2", 2),
        "Email": ("load-1", 3),
    }
    assert [(each.load, each.line, each.is_undone) for each in found.history] == [
        ("load-1", 3, False),
        ("load-2", 2, False),
        ("load-3", 2, True),
        ("load-3", None, False),
    ]
    assert found.history[3].changes == {
        "FirstName": ("Wrong", "A. L."),
        "Email": ("wrong@x.org", "ada@example.com"),
    }


def test_deleting_a_person_leaves_only_counts(directory):
    target = some_contacts(BY_ID, list="All")
    receipts = directory.load(target, {"load-1": rows(ADA, GRACE)})

    gone = directory.look.delete("contacts", ["1", "77", "x"])

    assert gone == 1
    assert directory.people() == [person(*GRACE)]
    assert directory.members("All") == ["2"]
    assert directory.loader.receipts([LoadId("load-1")]) == {"load-1": receipts[0]}
    assert counts(directory.load(target, {"load-2": rows(ADA)})) == [("load-2", 1, 0, 0)]
    assert directory.look.person("contacts", "3") is not None


def test_search_ignores_case_and_knows_no_wildcards(directory):
    directory.load(CONTACTS, {"load-1": rows(ADA, ("2", "100%", ""), ("3", "Straße", ""))})

    def found(text):
        return [each.values["ExternalReference"] for each in directory.look.people("contacts", search=text)]

    assert (found("ADA@"), found("%"), found("STRASSE"), found("_")) == (["1"], ["2"], ["3"], [])


@pytest.mark.slow
def test_a_file_of_several_batches_is_merged_as_one(directory):
    many = [(str(number % 7_000), f"n{number}", "") for number in range(14_000)]

    receipts = directory.load(CONTACTS, {"load-1": rows(*many)})

    assert counts(receipts) == [("load-1", 7_000, 7_000, 0)]
    assert len(directory.people()) == 7_000
    assert directory.loader.unload(CONTACTS, LoadId("load-1")) == 14_000
    assert directory.people() == []


def test_a_trial_says_what_a_load_then_does_and_writes_nothing(directory):
    target = some_contacts(BY_ID, BY_MAIL)
    first = rows(("1", "Ada", "a@x.org"), ("2", "Eva", "e@x.org"), ("", "Bo", "a@x.org"))
    later = [("2", "Eva", "E@X.org"), ("", "Al", "e@x.org"), ("4", "Io", "i@x.org"), ("4", "Io", "i@x.org")]
    trial = directory.look.trial(target)
    trial.add("absent.csv", rows(*later))
    in_absent = trial.result()
    directory.load(some_contacts(BY_ID), {"load-1": first})
    before = directory.people()
    trial = directory.look.trial(target)
    trial.add("b.csv", rows(*later))

    tried = trial.result()

    assert directory.people() == before
    assert in_absent.counts == {"new": 2, "updated": 1, "unchanged": 1, "ambiguous": 0}
    assert tried.counts == {"new": 1, "updated": 2, "unchanged": 1, "ambiguous": 0}
    assert counts(directory.load(target, {"load-2": rows(*later)})) == [("load-2", 1, 2, 1)]


def test_a_trial_names_the_contacts_of_an_ambiguous_row_and_ends_at_its_limit(directory):
    directory.load(some_contacts(), {"load-1": rows(ADA, ADA, GRACE)})
    trial = directory.look.trial(some_contacts(BY_MAIL))
    trial.most_rows = 2
    trial.add("b.csv", rows(ADA, ("9", "Io", "i@x.org"), GRACE))

    tried = trial.result()

    assert (tried.rows, tried.complete) == (2, False)
    assert tried.counts == {"new": 1, "updated": 0, "unchanged": 0, "ambiguous": 1}
    ambiguous, new = tried.examples
    assert (ambiguous.people, ambiguous.fields, ambiguous.line) == (("1", "2"), BY_MAIL, 2)
    assert (new.effect, new.people) == ("new", ("4",))


def test_facts_about_rules_count_the_contacts_that_a_rule_does_not_tell_apart(directory):
    rules = [BY_ID, BY_MAIL, ("Phone",)]
    absent = directory.look.rule_facts(rules)
    directory.load(some_contacts(BY_ID), {"load-1": rows(ADA, GRACE, ("3", "Eva", ADA[2].upper()))})

    known = directory.look.rule_facts(rules)

    assert [(each.is_new, each.shared) for each in absent] == [(True, 0), (True, 0), (True, 0)]
    assert [(each.is_new, each.shared) for each in known] == [(False, 0), (True, 2), (True, 0)]
