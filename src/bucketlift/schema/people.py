"""The shapes of tasks that load people into a directory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from bucketlift.model.directory.targets import (
    IDENTIFIER,
    ContactsTarget,
    EmployeesTarget,
    Transactions,
    contacts_target,
    employees_target,
)
from bucketlift.model.transforms.transform import RowField
from bucketlift.model.workflow import LoadTask
from bucketlift.schema.loads import BaseLoadShape, FieldMap, columns_by_field, columns_of
from bucketlift.schema.shape import Shape
from bucketlift.schema.values import Items, Text, written_as


class TransactionDateShape(Shape):
    """The field with the date of the transaction. Without a format, the field contains an ISO 8601 date."""

    field: Text
    format: Text | None = None


class TransactionsShape(Shape, model=Transactions):
    """Adds one transaction per row to the row's contact."""

    date: TransactionDateShape
    fields: Annotated[Items[Text], Field(min_length=1)]

    def to_model(self) -> Transactions:
        return Transactions(date=self.date.field, format=self.date.format, fields=self.fields)

    @classmethod
    def from_model(cls, value: Transactions) -> TransactionsShape:
        date = TransactionDateShape.without_defaults(field=value.date, format=value.format)
        return cls.without_defaults(date=date, fields=value.fields)


class LoadContactsShape(BaseLoadShape):
    """Loads contacts into a directory. The merge rules decide which contact a row updates."""

    always_written = frozenset({"merge"})

    list: Text | None = None
    map: FieldMap
    merge: Items[Annotated[Items[Text], Field(min_length=1)]] | None = None
    transactions: Annotated[Transactions, written_as(TransactionsShape)] | None = None
    flag_invalid: Items[Literal["Email", "Phone"]] = ()
    accept_at_least_once: bool = False

    @classmethod
    def attributes(cls, value: Any) -> dict[str, Any]:
        """The keys of a target. ``merge: []`` is written, and no ``merge`` for the hosted platform."""
        found = super().attributes(value)
        return {key: each for key, each in found.items() if key != "merge" or each is not None}

    def to_target(self, fields: Sequence[RowField]) -> ContactsTarget:
        return contacts_target(
            columns_of(fields, self.map),
            self.merge,
            list=self.list,
            transactions=self.transactions,
            flag_invalid=self.flag_invalid,
            accept_at_least_once=self.accept_at_least_once,
        )


class LoadEmployeesShape(BaseLoadShape):
    """Loads employees into a directory. If the directory already has an employee, the employee is updated."""

    key: Text
    directory: Text | None = None
    project: Text | None = None
    map: FieldMap

    def to_target(self, fields: Sequence[RowField]) -> EmployeesTarget:
        """The target of a load of employees. The key field fills the unique identifier. It fills other
        columns only if the map names them.
        """
        more = [name for name in self.map.get(self.key, ()) if name != IDENTIFIER]
        columns = columns_of(fields, {**self.map, self.key: (IDENTIFIER, *more)})
        return employees_target(columns, self.key, directory=self.directory, project=self.project)

    @classmethod
    def from_task(cls, task: LoadTask, fields: Sequence[str]) -> Self:
        (key,) = task.target.key
        targets = columns_by_field(task.target, fields)
        more = [name for name in targets.pop(key, ()) if name != IDENTIFIER]
        values = cls.attributes(task.target) | {"source": task.source, "to": task.destination, "key": key}
        return cls.without_defaults(**values | {"map": targets | ({key: more} if more else {})})
