"""The kinds of loads for which the page has a form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from starlette.datastructures import FormData

from bucketlift.model.account import Destination, DirectoryDestination
from bucketlift.model.directory.targets import (
    CONTACT_FIELDS,
    CONTACTS,
    EMPLOYEE_REQUIRED,
    EMPLOYEES,
    IDENTIFIER,
)
from bucketlift.rules.targets import NAMINGS
from bucketlift.web.loading.contacts_form import ContactsForm
from bucketlift.web.loading.employees_form import EmployeesForm
from bucketlift.web.loading.mapping import FieldMapping
from bucketlift.web.loading.table_form import TableForm

Document = dict[str, Any]
Tables = Mapping[str, Sequence[str]]
"""The columns of each table of a destination, or the fields of each kind of people in a directory."""


class LoadForm(Protocol):
    """The inputs of the form of a load. ``fields`` in the methods are the names of the source's fields."""

    @property
    def source(self) -> str: ...
    @property
    def to(self) -> str: ...
    @property
    def mapping(self) -> FieldMapping: ...
    @property
    def name(self) -> str: ...
    @classmethod
    def new(cls, source: str, to: str, workflow: str) -> Self: ...
    @classmethod
    def posted(cls, form: FormData) -> Self: ...
    @classmethod
    def of(cls, document: Document, fields: Sequence[str]) -> Self: ...
    def as_document(self, fields: Sequence[str]) -> Document: ...
    def faults(self) -> Iterator[str]: ...
    def by_name(self, fields: Sequence[str], targets: Sequence[str] | None) -> Self: ...
    def changed(self, doing: str) -> Self: ...


@dataclass(frozen=True, kw_only=True)
class LoadKind:
    """One kind of load. ``task`` is its key in a workflow file, and ``path`` is the last part of the URL of
    its page.
    """

    task: str
    path: str
    title: str
    form: type[LoadForm]
    takes: Callable[[Destination], bool]
    """A function that returns whether this kind of load can write to a destination."""
    targets: Callable[[Any, Tables], Sequence[str] | None]
    """A function that returns the names of the targets that fields can fill; None if the table does not exist
    yet in the destination.
    """


def is_directory(destination: Destination) -> bool:
    return isinstance(destination.settings, DirectoryDestination)


def _columns(form: TableForm, tables: Tables) -> Sequence[str] | None:
    return tables.get(form.table)


def _contact_fields(_: ContactsForm, tables: Tables) -> Sequence[str]:
    return tuple(dict.fromkeys((*CONTACT_FIELDS, *tables.get(CONTACTS, ()))))


def _employee_fields(_: EmployeesForm, tables: Tables) -> Sequence[str]:
    names = dict.fromkeys((*EMPLOYEE_REQUIRED, *tables.get(EMPLOYEES, ())))
    return tuple(name for name in names if name != IDENTIFIER)


TABLE = LoadKind(
    task="load",
    path="table",
    title="Load into a table",
    form=TableForm,
    takes=lambda destination: destination.settings.kind in NAMINGS,
    targets=_columns,
)
CONTACTS_LOAD = LoadKind(
    task="load_contacts",
    path="contacts",
    title="Add contacts and transactions",
    form=ContactsForm,
    takes=is_directory,
    targets=_contact_fields,
)
EMPLOYEES_LOAD = LoadKind(
    task="load_employees",
    path="employees",
    title="Load employees",
    form=EmployeesForm,
    takes=is_directory,
    targets=_employee_fields,
)
KINDS = (TABLE, CONTACTS_LOAD, EMPLOYEES_LOAD)
