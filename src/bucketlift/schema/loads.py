"""The shapes of loads: the keys that all loads have, and a load into a table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from bucketlift.model.load import Column, Lineage, Target, WriteMode
from bucketlift.model.transforms.transform import RowField
from bucketlift.model.workflow import LoadTask
from bucketlift.schema.shape import Shape
from bucketlift.schema.values import Choice, Items, OneOrMore, Text

FieldMap = Annotated[dict[str, OneOrMore[Text]], Field(default_factory=dict)]
"""For each field, the columns that it fills. A field that is missing here fills the column with the same name
as the field.
"""


class BaseLoadShape(Shape):
    source: Text = Field(alias="from")
    to: Text
    if TYPE_CHECKING:  # each load declares it at the place of its key in the file
        map: FieldMap

    @abstractmethod
    def to_target(self, fields: Sequence[RowField]) -> Target:
        """The target of a load of rows with these fields."""

    @classmethod
    def from_task(cls, task: LoadTask, fields: Sequence[str]) -> Self:
        """The shape of a task that loads rows with these fields."""
        values: dict[str, Any] = cls.attributes(task.target)
        values |= {
            "source": task.source,
            "to": task.destination,
            "map": columns_by_field(task.target, fields),
        }
        return cls.without_defaults(**values)


class LoadShape(BaseLoadShape):
    """Loads the rows of one extract task or transform into one table."""

    table: Text
    mode: Choice[WriteMode] = WriteMode.APPEND
    key: Items[Text] = ()
    map: FieldMap
    lineage: Choice[Lineage] = Lineage.AUTO

    def to_target(self, fields: Sequence[RowField]) -> Target:
        """The table as a target. The key is used only for an upsert, because with another mode it would have
        no effect.
        """
        return Target(
            table=self.table,
            columns=columns_of(fields, self.map),
            mode=self.mode,
            key=self.key if self.mode is WriteMode.UPSERT else (),
            lineage=self.lineage,
        )


def columns_of(fields: Sequence[RowField], targets: Mapping[str, Sequence[str]]) -> tuple[Column, ...]:
    return tuple(
        Column(name=name, field=field.name, type=field.type)
        for field in fields
        for name in targets.get(field.name, (field.name,))
    )


def columns_by_field(target: Target, fields: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each field, the columns that it fills. A field is left out if it fills only the column with the
    same name as the field.
    """
    columns = {
        name: tuple(column.name for column in target.columns if column.field == name) for name in fields
    }
    return {name: each for name, each in columns.items() if each != (name,)}
