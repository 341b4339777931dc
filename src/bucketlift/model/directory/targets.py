"""What is loaded into a directory of people: contacts and employees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from bucketlift.model.directory.row_check import CheckKind, RowCheck
from bucketlift.model.load import Column, Lineage, Target, WriteMode

CONTACT_FIELDS = (
    "FirstName",
    "LastName",
    "Email",
    "Phone",
    "Language",
    "Unsubscribed",
    "ExternalReference",
)
"""The built-in fields of a contact. Every other field is an embedded field."""
IDENTIFIER = "UniqueIdentifier"
"""The field that identifies an employee. Its value comes from the key of the load."""
EMPLOYEE_REQUIRED = ("FirstName", "LastName", "Email")
"""Fields that every employee has. Every other field is metadata."""
CONTACTS = "contacts"
EMPLOYEES = "employees"
MAX_RULES = 3
IDENTIFYING = ("ExternalReference", "Email")
"""The fields that usually identify contacts. A merge rule with each of them that a load fills is proposed."""
MAX_NAME = 200
"""Maximum number of characters of a field's name."""
MAX_VALUE = 1_024
"""Maximum number of characters of a value."""
FLAGGED = {"Email": "EmailInvalid", "Phone": "PhoneInvalid"}
"""The fields whose values can be checked, each with the embedded field that is set if the value is invalid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transactions:
    """The settings for transactions: each row adds one. The date and the fields that describe it are source
    fields.
    """

    date: str
    format: str | None = None
    """The format of the transaction's date. None: ISO 8601."""
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsTarget(Target):
    """Contacts of a directory. ``columns`` are the directory's fields."""

    task_kind: ClassVar[str] = "load_contacts"

    merge: tuple[tuple[str, ...], ...] | None
    """The merge rules, in the order in which they are tried. A rule is a list of directory fields that must
    all match. Without rules, every row is a new contact. None: the hosted platform has rules of its own.
    """
    list: str | None = None
    """The mailing list to which the contacts are added. It is created if it does not exist."""
    transactions: Transactions | None = None
    flag_invalid: tuple[str, ...] = ()
    """Fields of ``FLAGGED`` whose values are checked. An invalid value is stored, and the embedded field that
    belongs to it is set.
    """

    @property
    def checks(self) -> tuple[RowCheck, ...]:
        found = [_lengths(self.columns, self.transactions)]
        if self.merge:
            sources = {column.name: column.field for column in self.columns}
            groups = tuple(tuple(sources[name] for name in rule) for rule in self.merge)
            found.append(RowCheck(kind=CheckKind.ONE_GROUP, groups=groups))
        if self.transactions is not None:
            dated = (self.transactions.date,)
            found.append(RowCheck(kind=CheckKind.DATE, groups=(dated,), format=self.transactions.format))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployeesTarget(Target):
    """Employees of a directory. ``columns`` are the directory's fields; ``key`` is the field that identifies
    an employee.
    """

    task_kind: ClassVar[str] = "load_employees"

    required: tuple[str, ...]
    """Directory fields that need a value: a row without one is refused."""
    directory: str | None = None
    """On the hosted platform, the employee directory. It or ``project`` is set."""
    project: str | None = None
    """On the hosted platform, the project that the employees belong to."""

    @property
    def checks(self) -> tuple[RowCheck, ...]:
        needed = tuple(column.field for column in self.columns if column.name in self.required)
        return (
            RowCheck(kind=CheckKind.NOT_EMPTY, groups=(needed,)),
            _lengths(self.columns, None),
        )


def is_for_platform(target: Target) -> bool:
    """Whether a load of contacts or employees goes to the hosted platform instead of a directory."""
    if isinstance(target, ContactsTarget):
        return target.merge is None
    return isinstance(target, EmployeesTarget) and (target.directory or target.project) is not None


def contacts_target(
    columns: Sequence[Column],
    merge: Sequence[Sequence[str]] | None,
    *,
    list: str | None = None,  # noqa: A002 - the word of the file
    transactions: Transactions | None = None,
    flag_invalid: Sequence[str] = (),
    accept_at_least_once: bool = False,
) -> ContactsTarget:
    """The target for contacts. Without merge rules every row adds a contact; with merge rules a row can also
    update one.
    """
    return ContactsTarget(
        table=CONTACTS,
        columns=tuple(columns),
        mode=WriteMode.UPSERT if merge else WriteMode.APPEND,
        lineage=Lineage.OFF,
        accept_at_least_once=accept_at_least_once,
        merge=None if merge is None else tuple(tuple(rule) for rule in merge),
        list=list,
        transactions=transactions,
        flag_invalid=tuple(flag_invalid),
    )


def employees_target(
    columns: Sequence[Column], key: str, *, directory: str | None = None, project: str | None = None
) -> EmployeesTarget:
    return EmployeesTarget(
        table=EMPLOYEES,
        columns=tuple(columns),
        mode=WriteMode.UPSERT,
        lineage=Lineage.OFF,
        key=(key,),
        required=EMPLOYEE_REQUIRED,
        directory=directory,
        project=project,
    )


def _lengths(columns: Sequence[Column], transactions: Transactions | None) -> RowCheck:
    fields = [column.field for column in columns]
    if transactions is not None:
        fields += [transactions.date, *transactions.fields]
    return RowCheck(kind=CheckKind.LENGTH, groups=(tuple(dict.fromkeys(fields)),), limit=MAX_VALUE)
