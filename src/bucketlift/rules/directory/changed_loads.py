"""Describes in sentences what new settings of a load of contacts mean for the contacts that are already in
the directory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bucketlift.model.directory.people import RuleFacts
from bucketlift.model.directory.targets import ContactsTarget

Rules = Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownContacts:
    """What a directory contains before the next load."""

    contacts: int
    lists: Collection[str]
    rules: Sequence[RuleFacts]
    """Facts about each merge rule of the load."""


def notes_on_change(before: ContactsTarget | None, after: ContactsTarget, known: KnownContacts) -> list[str]:
    """Notes for a person who changes a load of contacts. ``before``: the target of the load in the applied
    workflow; None if the load is new.
    """
    if not known.contacts:
        return []
    notes = [*_on_rules(None if before is None else before.merge, after.merge or (), known)]
    notes += _on_list(before, after, known)
    return notes


def _on_rules(before: Rules | None, after: Rules, known: KnownContacts) -> Iterator[str]:
    if not after and before != ():
        yield (
            "Without a merge rule every row becomes a new contact, also a row of a person who is one of the "
            f"{_contacts(known.contacts)}"
        )
    for each in known.rules:
        yield from _on_rule(each, known.contacts)
    if before is None or tuple(before) == tuple(after):
        return
    for rule in before:
        if after and rule not in after:
            yield (
                f"Rows are no longer merged by {rule_words(rule)}: a row that only this rule would match becomes a "
                "new contact"
            )
    if set(before) == set(after):
        yield (
            "The rules have another order: a row that matches different contacts by different rules updates the "
            "contact of the first rule"
        )
    if before:
        yield "Contacts that are merged already stay as they are; undo their loads to separate them"


def _on_rule(each: RuleFacts, contacts: int) -> Iterator[str]:
    words = rule_words(each.fields)
    if each.is_new:
        yield (
            f"The rule {words} is new in this directory: it also finds the {_contacts(contacts)} that earlier loads "
            "added. It changes no contact until a row is loaded"
        )
    if each.shared is None:
        yield (
            f"How many contacts have the same {words} was not counted, because there are many contacts; a dry run "
            "shows the rows of new files that match two"
        )
    elif each.shared:
        yield (
            f"{_contacts(each.shared)} have the same {words} as another contact: a row that matches several by this "
            "rule is a reject (ambiguous), until all but one of them are deleted"
        )


def _on_list(before: ContactsTarget | None, after: ContactsTarget, known: KnownContacts) -> Iterator[str]:
    former = None if before is None else before.list
    if former and former != after.list:
        yield f"Contacts stay in the mailing list “{former}”; the next loads no longer fill it"
    if after.list and "{" not in after.list and after.list not in known.lists:
        yield (
            f"The directory has no mailing list “{after.list}”: the next load creates it, with the contacts of its "
            "rows only"
        )


def rule_words(rule: Sequence[str]) -> str:
    return " and ".join(rule)


def _contacts(number: int) -> str:
    return "1 contact" if number == 1 else f"{number:,} contacts"
