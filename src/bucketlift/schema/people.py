"""Tasks that load people into a directory, in the file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bucketlift.model.directory.targets import Transactions
from bucketlift.schema.shape import Shape
from bucketlift.schema.values import Items, OneOrMore, Text, written_as


class TransactionDateShape(Shape):
    """The field with the date of the transaction. Without a format it is an ISO 8601 date."""

    field: Text
    format: Text | None = None


class TransactionsShape(Shape, model=Transactions):
    """Adds one transaction per row to its contact."""

    date: TransactionDateShape
    fields: Annotated[Items[Text], Field(min_length=1)]

    def to_model(self) -> Transactions:
        return Transactions(date=self.date.field, format=self.date.format, fields=self.fields)

    @classmethod
    def from_model(cls, value: Transactions) -> TransactionsShape:
        date = TransactionDateShape.without_defaults(field=value.date, format=value.format)
        return cls.without_defaults(date=date, fields=value.fields)


class LoadContactsShape(Shape):
    """Loads contacts into a directory. Merge rules decide which rows update a known contact."""

    always_written = frozenset({"merge"})

    source: Text = Field(alias="from")
    to: Text
    list: Text | None = None
    map: dict[str, OneOrMore[Text]] = Field(default_factory=dict)
    merge: Items[Annotated[Items[Text], Field(min_length=1)]]
    transactions: Annotated[Transactions, written_as(TransactionsShape)] | None = None
    flag_invalid: Items[Literal["Email", "Phone"]] = ()


class LoadEmployeesShape(Shape):
    """Loads employees into a directory. A known employee is updated."""

    source: Text = Field(alias="from")
    to: Text
    key: Text
    map: dict[str, OneOrMore[Text]] = Field(default_factory=dict)
