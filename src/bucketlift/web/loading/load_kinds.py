"""The kinds of loads for which the page has a form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from starlette.datastructures import FormData

from bucketlift.model.account import (
    Destination,
    DirectoryDestination,
    FilePlace,
    HttpDestination,
    QualtricsDestination,
)
from bucketlift.model.directory.targets import (
    CONTACT_FIELDS,
    CONTACTS,
    EMPLOYEE_REQUIRED,
    EMPLOYEES,
    IDENTIFIER,
)
from bucketlift.model.load import MAX_BATCH
from bucketlift.rules.targets import NAMINGS
from bucketlift.service.core.app import App
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.web.loading.contacts_context import contacts_context
from bucketlift.web.loading.contacts_form import ContactsForm
from bucketlift.web.loading.data_context import (
    record_fields,
    records_context,
    response_fields,
    responses_context,
)
from bucketlift.web.loading.employees_form import EmployeesForm
from bucketlift.web.loading.mapping import Document, FieldMapping
from bucketlift.web.loading.objects_context import objects_context
from bucketlift.web.loading.objects_form import ObjectsForm
from bucketlift.web.loading.records_form import RecordsForm
from bucketlift.web.loading.responses_form import ResponsesForm
from bucketlift.web.loading.rows_form import RowsForm
from bucketlift.web.loading.table_form import TableForm

Tables = Mapping[str, Sequence[str]]
"""The columns of each table of a destination, or the fields of each kind of people in a directory."""
Context = Callable[[App, TaskPosition, Draft, Any, Tables], Mapping[str, Any]]


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
    yet in the destination, or if the destination has no fixed targets.
    """
    context: Context = lambda app, place, draft, form, tables: {}  # noqa: ARG005 - most kinds need none
    """A function that returns the additional values for the template of the form."""
    new_destination: str = "directory"
    """A kind of destination that fits. The side panel shows the types of its group first."""


def _takes_people(destination: Destination) -> bool:
    return isinstance(destination.settings, DirectoryDestination | QualtricsDestination)


def _no_targets(_: LoadForm, __: Tables) -> None:
    """A receiver of rows and a file get the fields that the form names."""


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
    new_destination="duckdb",
)
CONTACTS_LOAD = LoadKind(
    task="load_contacts",
    path="contacts",
    title="Add contacts and transactions",
    form=ContactsForm,
    takes=_takes_people,
    targets=_contact_fields,
    context=lambda app, place, draft, form, tables: contacts_context(app, place, form),  # noqa: ARG005
)
EMPLOYEES_LOAD = LoadKind(
    task="load_employees",
    path="employees",
    title="Load employees",
    form=EmployeesForm,
    takes=_takes_people,
    targets=_employee_fields,
)
RESPONSES_LOAD = LoadKind(
    task="load_responses",
    path="responses",
    title="Load responses to a survey",
    form=ResponsesForm,
    takes=_takes_people,
    targets=response_fields,
    context=lambda app, place, draft, form, tables: responses_context(tables),  # noqa: ARG005
)
RECORDS_LOAD = LoadKind(
    task="load_records",
    path="records",
    title="Load into a data project",
    form=RecordsForm,
    takes=_takes_people,
    targets=record_fields,
    context=lambda app, place, draft, form, tables: records_context(tables),  # noqa: ARG005
)
ROWS_LOAD = LoadKind(
    task="load_rows",
    path="rows",
    title="Send rows by HTTP",
    form=RowsForm,
    takes=lambda destination: isinstance(destination.settings, HttpDestination),
    targets=_no_targets,
    new_destination="http",
    context=lambda app, place, draft, form, tables: {"max_batch": MAX_BATCH},  # noqa: ARG005
)
OBJECTS_LOAD = LoadKind(
    task="load_objects",
    path="objects",
    title="Write files to S3, SFTP or a folder",
    form=ObjectsForm,
    takes=lambda destination: isinstance(destination.settings, FilePlace),
    targets=_no_targets,
    new_destination="s3",
    context=lambda app, place, draft, form, tables: objects_context(app, place, draft, form),  # noqa: ARG005
)
KINDS = (
    TABLE,
    CONTACTS_LOAD,
    EMPLOYEES_LOAD,
    RESPONSES_LOAD,
    RECORDS_LOAD,
    ROWS_LOAD,
    OBJECTS_LOAD,
)
