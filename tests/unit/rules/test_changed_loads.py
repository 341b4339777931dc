"""What changed loads of contacts mean for known contacts, in sentences."""

from __future__ import annotations

from datetime import date

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.directory.people import RuleFacts
from bucketlift.model.directory.targets import contacts_target
from bucketlift.model.load import Column
from bucketlift.rules.directory.changed_loads import KnownContacts, notes_on_change
from bucketlift.rules.directory.list_names import has_dated_list, with_list_of
from bucketlift.rules.directory.people_targets import check_people

MAIL, PHONE = ("Email",), ("Phone",)
COLUMNS = [Column(name=name, field=name) for name in ("Email", "Phone")]


def load(*merge, **more):
    return contacts_target(COLUMNS, merge, **more)


def notes(before, after, *, contacts=3, lists=(), new=(), shared=0):
    facts = [RuleFacts(fields=rule, is_new=rule in new, shared=shared) for rule in after.merge]
    return notes_on_change(before, after, KnownContacts(contacts=contacts, lists=lists, rules=facts))


def test_an_empty_directory_has_nothing_to_note():
    assert notes(None, load(MAIL, list="All"), contacts=0, new=(MAIL,)) == []


def test_an_unchanged_load_has_nothing_to_note():
    assert notes(load(MAIL, list="All"), load(MAIL, list="All"), lists=["All"]) == []


def test_a_removed_rule_makes_new_contacts_and_separates_none():
    assert notes(load(MAIL, PHONE), load(MAIL)) == [
        "Rows are no longer merged by Phone: a row that only this rule would match becomes a new contact",
        "Contacts that are merged already stay as they are; undo their loads to separate them",
    ]


def test_rules_in_another_order_let_another_contact_win():
    first, last = notes(load(MAIL, PHONE), load(PHONE, MAIL))

    assert "The rules have another order" in first
    assert "Contacts that are merged already stay" in last


def test_without_rules_every_row_is_a_new_contact():
    (first, _) = notes(load(MAIL), load())

    assert first == (
        "Without a merge rule every row becomes a new contact, also a row of a person who is one of the 3 contacts"
    )
    assert notes(load(), load()) == []


def test_contacts_that_were_not_counted_are_named_so():
    (found,) = notes(load(MAIL), load(MAIL), shared=None)

    assert "was not counted" in found


def test_another_list_leaves_the_contacts_in_the_former_one():
    assert notes(load(MAIL, list="Old"), load(MAIL, list="New"), lists=["Old"]) == [
        "Contacts stay in the mailing list “Old”; the next loads no longer fill it",
        "The directory has no mailing list “New”: the next load creates it, with the contacts of its rows only",
    ]
    assert notes(load(MAIL, list="All {date}"), load(MAIL, list="All {date}")) == []


def test_the_date_of_a_list_is_the_only_placeholder():
    dated = load(MAIL, list="All {date}")

    assert has_dated_list(dated)
    assert not has_dated_list(load(MAIL, list="All"))
    assert with_list_of(dated, date(2026, 3, 2)) == load(MAIL, list="All 2026-03-02")
    with pytest.raises(RequestWrong, match=r"unknown placeholder: \{day\}"):
        check_people(load(MAIL, list="All {day}"), ["Email", "Phone"])
