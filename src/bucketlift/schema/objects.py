"""Tasks that write files, in the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from bucketlift.model.load import Lineage
from bucketlift.model.objects.file_format import (
    ObjectCompression,
    ObjectFormat,
    ObjectLineEnd,
    OutputDialect,
    Quoting,
)
from bucketlift.model.objects.target import DEFAULT_NAME, OBJECTS, ObjectsTarget
from bucketlift.model.source import OnCollision
from bucketlift.model.transforms.transform import RowField
from bucketlift.model.workflow import LoadTask
from bucketlift.schema.loads import BaseLoadShape, FieldMap, columns_by_field, columns_of
from bucketlift.schema.shape import Shape, invalid
from bucketlift.schema.values import Choice, Items, Text, written_as

_TEXT_FORMATS = frozenset({ObjectFormat.CSV, ObjectFormat.TSV})


class OutputDialectShape(Shape, model=OutputDialect):
    """How a CSV or TSV file is written."""

    delimiter: Annotated[str, Field(pattern=r"^[^\r\n\x00]{1,16}$")] | None = None
    quote: Annotated[str, Field(pattern=r"^[^\s\x00]$")] = '"'
    quoting: Choice[Quoting] = Quoting.NEEDED
    header: bool = True
    line_end: Choice[ObjectLineEnd] = ObjectLineEnd.LF
    bom: bool = False
    null_text: Annotated[str, Field(pattern=r"^[^\r\n\x00]{0,64}$")] = ""

    @model_validator(mode="after")
    def _check_signs(self) -> Self:
        if self.quote in (self.delimiter or ",\t"):
            raise invalid("`delimiter` contains the quote", "Choose another `quote`, such as '\"'.")
        signs = (self.quote, self.delimiter or ",")
        if any(each in self.null_text for each in signs):
            raise invalid("`null_text` contains the quote or the delimiter", 'Write null_text: "NULL".')
        return self


class OutputPgpShape(Shape):
    """The file is encrypted with PGP, so that each of these keys can decrypt it."""

    recipients: Annotated[Items[Text], Field(min_length=1)]


class LoadObjectsShape(BaseLoadShape):
    """Writes the rows of each file of one extract task or transform to one file in a bucket, on an SFTP server or in a folder."""

    format: Choice[ObjectFormat]
    name: Text = DEFAULT_NAME
    compression: Choice[ObjectCompression] = ObjectCompression.NONE
    dialect: Annotated[OutputDialect, written_as(OutputDialectShape)] = OutputDialect()
    pgp: OutputPgpShape | None = None
    on_collision: Choice[OnCollision] = OnCollision.SUFFIX
    map: FieldMap

    @model_validator(mode="after")
    def _check_dialect(self) -> Self:
        if "dialect" in self.model_fields_set and self.format not in _TEXT_FORMATS:
            raise invalid(
                f"`dialect` is for CSV and TSV, not for `format: {self.format.value}`",
                "Leave `dialect` out, or write format: csv.",
            )
        return self

    def to_target(self, fields: Sequence[RowField]) -> ObjectsTarget:
        return ObjectsTarget(
            table=OBJECTS,
            columns=columns_of(fields, self.map),
            lineage=Lineage.OFF,
            format=self.format,
            name=self.name,
            compression=self.compression,
            dialect=self.dialect,
            recipients=() if self.pgp is None else self.pgp.recipients,
            on_collision=self.on_collision,
        )

    @classmethod
    def from_task(cls, task: LoadTask, fields: Sequence[str]) -> Self:
        target = task.target
        assert isinstance(target, ObjectsTarget)  # noqa: S101 - the caller chose the shape by the target
        pgp = OutputPgpShape.without_defaults(recipients=target.recipients) if target.recipients else None
        values = cls.attributes(target) | {"pgp": pgp, "map": columns_by_field(target, fields)}
        return cls.without_defaults(source=task.source, to=task.destination, **values)
