"""The target of a load that writes files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from bucketlift.model.load import Target
from bucketlift.model.objects.file_format import (
    ObjectCompression,
    ObjectFormat,
    OutputDialect,
    extension,
)
from bucketlift.model.source import OnCollision

OBJECTS = "objects"
"""The name of the target in load IDs and receipts."""
DEFAULT_NAME = "{task}/{date}/{file}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsTarget(Target):
    """One file per source file. ``columns`` are the columns of the file."""

    task_kind: ClassVar[str] = "load_objects"

    format: ObjectFormat
    name: str = DEFAULT_NAME
    """The template of the name, without the extension."""
    compression: ObjectCompression = ObjectCompression.NONE
    dialect: OutputDialect = field(default_factory=OutputDialect)
    recipients: tuple[str, ...] = ()
    """The names of the PGP keys that the file is encrypted for. Empty: it is not encrypted."""
    on_collision: OnCollision = OnCollision.SUFFIX

    @property
    def extension(self) -> str:
        return extension(self.format, self.compression, encrypted=bool(self.recipients))
