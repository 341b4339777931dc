"""Checks whether a directory accepts the fields, merge rules and transactions of a load."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bucketlift.errors import RequestWrong
from bucketlift.model.directory.targets import (
    CONTACT_FIELDS,
    EMPLOYEE_REQUIRED,
    FLAGGED,
    IDENTIFIER,
    MAX_RULES,
    ContactsTarget,
    EmployeesTarget,
)
from bucketlift.model.load import Target
from bucketlift.rules.directory.field_names import check_columns, check_names, require_field
from bucketlift.rules.directory.list_names import DATE, unknown_placeholders
from bucketlift.rules.nearest import nearest
from bucketlift.yaml_text import hint


def check_people(target: Target, fields: Collection[str]) -> None:
    """Refuse an invalid load of people before anything is loaded; ``fields`` are the source fields.

    Raises:
        RequestWrong: the first problem.
    """
    to = f"{target.table} of the directory"
    check_columns(target, fields, to)
    if isinstance(target, ContactsTarget):
        _check_list(target, to)
        _check_rules(target, to)
        _check_transactions(target, fields, to)
        _check_flags(target, to)
    if isinstance(target, EmployeesTarget):
        _check_employees(target, fields, to)


def lookalike_notes(target: Target) -> Iterator[str]:
    """Yield a note on each field whose name is spelt almost like a built-in field of the directory."""
    builtin = CONTACT_FIELDS if isinstance(target, ContactsTarget) else EMPLOYEE_REQUIRED
    names = {column.name for column in target.columns}
    spelt = {_spelt(name): name for name in builtin if name not in names}
    for name in names:
        if name not in builtin and _spelt(name) in spelt:
            yield (
                f"`{name}` becomes a field of its own in the directory; if it is the built-in field "
                f"`{spelt[_spelt(name)]}`, map it to `{spelt[_spelt(name)]}`"
            )


def _spelt(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isalnum())


def _check_list(target: ContactsTarget, to: str) -> None:
    for found in unknown_placeholders(target.list or ""):
        raise RequestWrong(
            f"The name of the mailing list has an unknown placeholder: {found}",
            to=to,
            hint=f"The only placeholder is {DATE}, the day on which a run takes the file.",
        )


def _check_rules(target: ContactsTarget, to: str) -> None:
    rules = target.merge or ()
    names = [column.name for column in target.columns]
    if len(rules) > MAX_RULES:
        raise RequestWrong(
            f"There are {len(rules)} merge rules, and a load has at most {MAX_RULES}",
            to=to,
            hint="Remove the last rules: earlier rules decide first.",
        )
    for rule in rules:
        for name in rule:
            if name not in names:
                raise RequestWrong(
                    f"A merge rule names `{name}`, and the load does not fill this field",
                    to=to,
                    hint=f"Map a source field to `{name}`. {nearest(name, names)}",
                )
        if len(set(rule)) < len(rule):
            raise RequestWrong("A merge rule names a field twice", to=to, hint="Name each field once.")
    if len(set(rules)) < len(rules):
        raise RequestWrong("Two merge rules are equal", to=to, hint="Remove one of them.")


def _check_transactions(target: ContactsTarget, fields: Collection[str], to: str) -> None:
    if target.transactions is None:
        return
    check_names(target.transactions.fields, to)
    for name in (target.transactions.date, *target.transactions.fields):
        require_field(name, fields, to)


def _check_flags(target: ContactsTarget, to: str) -> None:
    names = {column.name for column in target.columns}
    for name in target.flag_invalid:
        if name not in names:
            raise RequestWrong(
                f"`flag_invalid` names `{name}`, and the load does not fill this field",
                to=to,
                hint=f"Map a source field to `{name}`, or leave it out of `flag_invalid`.",
            )
        if FLAGGED[name] in names:
            raise RequestWrong(
                f"A source field fills `{FLAGGED[name]}`, which flags an invalid `{name}`",
                to=to,
                hint="Map that source field to another name.",
            )


def _check_employees(target: EmployeesTarget, fields: Collection[str], to: str) -> None:
    for name in target.key:
        require_field(name, fields, to)
    names = {column.name for column in target.columns}
    for name in target.required:
        if name not in names:
            raise RequestWrong(
                f"Nothing fills `{name}`, which every employee has",
                to=to,
                hint=f"Map a source field to it: `{hint({'map': {'SOURCE': [name]}})}`.",
            )
    if IDENTIFIER not in names:
        raise RequestWrong(
            "No field identifies an employee",
            to=to,
            hint="Name the source field that identifies an employee: `key: FIELD`.",
        )
