"""Responses to a survey and records of a data project: what is loaded, and how each row is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from bucketlift.model.directory.row_check import CheckKind, RowCheck
from bucketlift.model.directory.targets import ContactsTarget, EmployeesTarget
from bucketlift.model.load import Column, Lineage, Target, WriteMode
from bucketlift.model.types import TypeName, ValueType

RESPONSES = "responses/"
"""The start of the table name of a survey's responses; the ID of the survey follows."""
RECORDS = "records/"
"""The start of the table name of a data project's records; the name of the project follows."""
RESPONSE_DATES = ("StartDate", "EndDate", "RecordedDate")
"""The fields of a response that are times."""


class RecordType(StrEnum):
    """The type of a field of a data project."""

    NUMBER = "number"
    NUMBER_SET = "number-set"
    STRING = "string"
    STRING_SET = "string-set"
    OPEN_TEXT = "open-text"
    DATE_TIME = "date-time"
    MULTI_ANSWER = "multi-answer"


_SOURCES = {
    RecordType.NUMBER: (TypeName.INTEGER, TypeName.DECIMAL),
    RecordType.NUMBER_SET: (TypeName.INTEGER, TypeName.DECIMAL),
    RecordType.DATE_TIME: (TypeName.DATE, TypeName.TIMESTAMP),
}
"""For each type of a data project's field, the types of source fields that fit it. Types that are not listed
accept every source field.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsesTarget(Target):
    """Responses to a survey: every row is a new response. ``columns`` are the fields of the response."""

    task_kind: ClassVar[str] = "load_responses"

    survey: str
    time_zone: str | None = None
    """IANA time zone of times without an offset. None: they stay as they are."""
    date_format: str | None = None
    """Format of the times in text fields. None: ISO 8601."""

    def is_moment(self, column: Column) -> bool:
        """Whether the values of a column are times, which are converted to UTC."""
        if column.type.name is TypeName.TIMESTAMP:
            return self.time_zone is not None and not column.type.zoned
        dated = self.time_zone is not None or self.date_format is not None
        return dated and column.type.name is TypeName.TEXT and column.name in RESPONSE_DATES

    def format_of(self, column: Column) -> str | None:
        """The format of a column of times. None (ISO 8601) for a field that is read as a timestamp."""
        return self.date_format if column.type.name is TypeName.TEXT else None

    @property
    def checks(self) -> tuple[RowCheck, ...]:
        return tuple(
            RowCheck(
                kind=CheckKind.MOMENT,
                groups=((column.field,),),
                format=self.format_of(column),
                time_zone=self.time_zone,
            )
            for column in self.columns
            if self.is_moment(column)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsTarget(Target):
    """Records of a data project. With a key, a row updates the record that has the same key."""

    task_kind: ClassVar[str] = "load_records"

    project: str
    types: tuple[tuple[str, RecordType], ...] = ()
    """The types of a new project's fields. A field that is not listed gets the type of its source field."""

    @property
    def unique_field(self) -> str | None:
        """The project's field that identifies a record; None if every row is a new record."""
        return self.key_columns[0] if self.key else None

    def type_of(self, column: Column) -> RecordType:
        given = dict(self.types).get(column.name)
        if given is not None:
            return given
        return next((kind for kind in _BY_DEFAULT if fits(kind, column.type)), RecordType.STRING)


DirectoryTarget = ContactsTarget | EmployeesTarget | ResponsesTarget | RecordsTarget
"""Everything that a directory can load."""
_BY_DEFAULT = (RecordType.NUMBER, RecordType.DATE_TIME)


def fits(kind: RecordType, source: ValueType) -> bool:
    """Whether a field of a data project can have the type ``kind`` if a source field with the type ``source``
    fills it.
    """
    return kind not in _SOURCES or source.name in _SOURCES[kind]


def responses_target(
    columns: Sequence[Column], survey: str, *, time_zone: str | None = None, date_format: str | None = None
) -> ResponsesTarget:
    return ResponsesTarget(
        table=RESPONSES + survey,
        columns=tuple(columns),
        lineage=Lineage.OFF,
        survey=survey,
        time_zone=time_zone,
        date_format=date_format,
    )


def records_target(
    columns: Sequence[Column],
    project: str,
    key: str | None = None,
    types: Sequence[tuple[str, RecordType]] = (),
    *,
    accept_at_least_once: bool = False,
) -> RecordsTarget:
    """The target for records. Without a key, every row adds a record."""
    return RecordsTarget(
        table=RECORDS + project,
        columns=tuple(columns),
        mode=WriteMode.APPEND if key is None else WriteMode.UPSERT,
        lineage=Lineage.OFF,
        key=() if key is None else (key,),
        accept_at_least_once=accept_at_least_once,
        project=project,
        types=tuple(types),
    )
