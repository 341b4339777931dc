"""The form of a load of contacts into a directory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData

from bucketlift.model.directory.targets import CONTACTS, IDENTIFYING, MAX_RULES
from bucketlift.web.loading.mapping import Document, FieldMapping, by_name, given, posted_texts

Rules = tuple[tuple[str, ...], ...]
_NUMBER = re.compile("[0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsForm:
    source: str = ""
    to: str = ""
    list: str = ""
    merge: Rules | None = ()
    """The merge rules; None on the hosted platform, which has rules of its own."""
    date: str = ""
    """The source field with the date of a transaction; empty if the load adds no transactions."""
    date_format: str = ""
    transaction_fields: tuple[str, ...] = ()
    flag_invalid: tuple[str, ...] = ()
    accept_at_least_once: bool = False
    mapping: FieldMapping = field(default_factory=FieldMapping)

    @staticmethod
    def new(source: str, to: str, workflow: str) -> ContactsForm:  # noqa: ARG004 - the same for all kinds of loads
        return ContactsForm(source=source, to=to)

    @staticmethod
    def posted(form: FormData) -> ContactsForm:
        text = posted_texts(form)
        rules = (_texts(form, f"rule-{at}") for at in range(MAX_RULES) if f"rule-{at}" in form)
        return ContactsForm(
            source=text.get("source", ""),
            to=text.get("to", ""),
            list=text.get("list", "").strip(),
            merge=tuple(rules) if "has-rules" in text else None,
            date=text.get("date", ""),
            date_format=text.get("date-format", "").strip(),
            transaction_fields=_texts(form, "transaction"),
            flag_invalid=_texts(form, "flag"),
            accept_at_least_once="accept_at_least_once" in text,
            mapping=FieldMapping.posted(form),
        )

    @staticmethod
    def of(document: Document, fields: Sequence[str]) -> ContactsForm:
        transactions = document.get("transactions") or {}
        date = transactions.get("date") or {}
        return ContactsForm(
            source=document.get("from", ""),
            to=document.get("to", ""),
            list=document.get("list") or "",
            merge=tuple(tuple(rule) for rule in document["merge"]) if "merge" in document else None,
            date=date.get("field", ""),
            date_format=date.get("format", ""),
            transaction_fields=tuple(transactions.get("fields", ())),
            flag_invalid=tuple(document.get("flag_invalid", ())),
            accept_at_least_once=document.get("accept_at_least_once", False),
            mapping=FieldMapping.of(document.get("map", {}), fields),
        )

    @property
    def name(self) -> str:
        """The name from which the ID of a new task is made."""
        return CONTACTS

    def as_document(self, fields: Sequence[str]) -> Document:
        """The load in the form of a workflow file, without default values."""
        optional: Document = {
            "list": self.list,
            "map": self.mapping.as_document(fields),
            "transactions": self._transactions(),
            "flag_invalid": [*self.flag_invalid],
            "accept_at_least_once": self.accept_at_least_once,
        }
        merge = {} if self.merge is None else {"merge": [[*rule] for rule in self.merge]}
        return {"from": self.source, "to": self.to} | merge | given(optional)

    def _transactions(self) -> Document | None:
        if not self.date:
            return None
        form = {"format": self.date_format} if self.date_format else {}
        return {"date": {"field": self.date, **form}, "fields": [*self.transaction_fields]}

    def faults(self) -> Iterator[str]:
        """Yield the problems of the load that are described in the words of the form."""
        for number, rule in enumerate(self.merge or (), 1):
            if not rule:
                yield f"Merge rule {number} has no field: choose a field, or delete the rule"
        if self.date and not self.transaction_fields:
            yield "A transaction has no field: choose at least one field of the transaction"

    def by_name(self, fields: Sequence[str], targets: Sequence[str] | None) -> ContactsForm:
        """Map all fields by their names. If the directory has no field with the name, the field becomes an
        embedded field.
        """
        return replace(self, mapping=by_name(fields, targets, only=False))

    def with_usual_rules(self) -> ContactsForm:
        """The form with a merge rule for each field that usually identifies a contact."""
        usual = tuple((name,) for name in IDENTIFYING if name in self.mapping.targets)
        return replace(self, merge=usual)

    def changed(self, doing: str) -> ContactsForm:
        """The form after a click on a button. ``doing``: ``rule``, ``unrule:1``, ``ruleup:1``, or the name of
        a button of the mapping.
        """
        word, _, number = doing.partition(":")
        at = int(number) if _NUMBER.fullmatch(number) else -1
        merge = self.merge or ()
        if word == "rule" and len(merge) < MAX_RULES:
            return replace(self, merge=(*merge, ()))
        if word == "unrule" and at >= 0:
            return replace(self, merge=(*merge[:at], *merge[at + 1 :]))
        if word == "ruleup" and 0 < at < len(merge):
            above, rule = merge[at - 1], merge[at]
            return replace(self, merge=(*merge[: at - 1], rule, above, *merge[at + 1 :]))
        return replace(self, mapping=self.mapping.changed(doing))


def _texts(form: FormData, name: str) -> tuple[str, ...]:
    """The values of an input that occurs several times in a form. Empty values are left out."""
    return tuple(value for value in form.getlist(name) if isinstance(value, str) and value)
