"""The shapes of tasks that load responses to a survey, or records of a data project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from bucketlift.model.directory.data_targets import (
    RecordsTarget,
    RecordType,
    ResponsesTarget,
    records_target,
    responses_target,
)
from bucketlift.model.transforms.transform import RowField
from bucketlift.model.workflow import LoadTask
from bucketlift.schema.loads import BaseLoadShape, FieldMap, columns_by_field, columns_of
from bucketlift.schema.schedules import ZoneText
from bucketlift.schema.values import Choice, Converted, Text

_Types = tuple[tuple[str, RecordType], ...]


class LoadResponsesShape(BaseLoadShape):
    """Loads responses to a survey. Every row is a new response."""

    survey: Text
    time_zone: ZoneText | None = None
    date_format: Annotated[Text, Field(examples=["%m/%d/%Y %H:%M"])] | None = None
    map: FieldMap

    def to_target(self, fields: Sequence[RowField]) -> ResponsesTarget:
        return responses_target(
            columns_of(fields, self.map),
            self.survey,
            time_zone=self.time_zone,
            date_format=self.date_format,
        )


class LoadRecordsShape(BaseLoadShape):
    """Loads records of a data project. With a key, a row updates the record that has the same key. Without a
    key, every row is a new record.
    """

    project: Text
    key: Text | None = None
    map: FieldMap
    types: Annotated[
        _Types, Converted(dict[Text, Choice[RecordType]], lambda types: tuple(types.items()), dict)
    ] = ()
    accept_at_least_once: bool = False

    def to_target(self, fields: Sequence[RowField]) -> RecordsTarget:
        return records_target(
            columns_of(fields, self.map),
            self.project,
            self.key,
            self.types,
            accept_at_least_once=self.accept_at_least_once,
        )

    @classmethod
    def from_task(cls, task: LoadTask, fields: Sequence[str]) -> Self:
        values = cls.attributes(task.target) | {"key": next(iter(task.target.key), None)}
        values |= {
            "source": task.source,
            "to": task.destination,
            "map": columns_by_field(task.target, fields),
        }
        return cls.without_defaults(**values)
