"""Workflows: their tasks and triggers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, FileType
from bucketlift.model.directory.data_targets import DirectoryTarget
from bucketlift.model.load import RowsTarget, Target
from bucketlift.model.notice import Notify
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.model.packing import Archive, Compression, ZipEntries
from bucketlift.model.pgp import Pgp
from bucketlift.model.source import OnCollision, Selection
from bucketlift.model.transforms.transform import TransformTask
from bucketlift.model.trigger import Schedule, Trigger

_ROWS = re.compile(r"[0-9]{1,18}")
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    action: Literal["keep"] = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    delay: timedelta = timedelta(0)
    action: Literal["delete"] = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Moves the object to another bucket, or under a prefix outside the selection. The copy keeps the whole
    key.
    """

    bucket: str = ""
    """The bucket of the new place. In a folder and on an SFTP server it is empty."""
    prefix: str = ""
    on_collision: OnCollision = OnCollision.SUFFIX
    delay: timedelta = timedelta(0)
    storage_class: str | None = None
    """Storage class of the copy. None: the class of the source, or STANDARD if the source is in an archive tier."""
    action: Literal["move"] = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """Renames the object in its bucket: the prefix is added before the base name."""

    prefix: str
    on_collision: OnCollision = OnCollision.SUFFIX
    delay: timedelta = timedelta(0)
    storage_class: str | None = None
    """Storage class of the copy. None: the class of the source, or STANDARD if the source is in an archive tier."""
    action: Literal["rename"] = "rename"


AfterImport = Keep | Delete | Move | Rename


class Repeats(StrEnum):
    """What to do when the same bytes arrive again under the same key, as a new occurrence."""

    LOAD = "load"
    HOLD = "hold"
    SKIP = "skip"


class Order(StrEnum):
    KEY = "key"
    MODIFIED = "modified"


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectLimit:
    """How many rejects a file may have and still be loaded. If both a number and a share are given, both
    limits apply.
    """

    rows: int | None = None
    percent: float | None = None

    @staticmethod
    def of(value: int | str | None) -> RejectLimit:
        """Read a limit: a number of rows, or a share of the file such as ``"1%"``; None means no limit.

        Raises:
            RequestWrong: the value is invalid.
        """
        if value is None:
            return RejectLimit()
        if found := _ROWS.fullmatch(str(value)):
            return RejectLimit(rows=int(found[0]))
        if (found := _SHARE.fullmatch(str(value))) and float(found[1]) <= 100:
            return RejectLimit(percent=float(found[1]))
        hint = 'Write a number of rows, such as 10, or a share of the file, such as "1%".'
        raise RequestWrong(
            "This is not a valid limit of rejected rows (`max_rejected`)", to=str(value), hint=hint
        )

    def allows(self, rejected: int, rows: int) -> bool:
        """Whether a file of ``rows`` records, including rejects, may have ``rejected`` of them."""
        within_rows = self.rows is None or rejected <= self.rows
        return within_rows and (self.percent is None or rejected * 100 <= self.percent * rows)


NO_REJECTS = RejectLimit(rows=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAll:
    start: Literal["all"] = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartNow:
    start: Literal["now"] = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAt:
    time: datetime
    start: Literal["at"] = "at"


Start = StartAll | StartNow | StartAt


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractTask:
    """Finds files in a bucket or folder, and reads each file exactly."""

    id: str
    account: str
    selection: Selection
    contract: Contract
    after_import: AfterImport = field(metadata={"discriminator": "action"})
    file_type: FileType = FileType.CSV
    start: Start = StartAll()
    order: Order = Order.KEY
    max_rejected: RejectLimit = NO_REJECTS
    max_bytes: int | None = None
    repeats: Repeats | None = None
    """What to do with repeated bytes. None: hold the file if a load of this task appends, otherwise load it."""
    pgp: Pgp | None = None
    """How files are encrypted. None: files are not encrypted, and an encrypted file is held."""
    compression: Compression = Compression.AUTO
    zip: ZipEntries = ZipEntries.ONE
    archive: Archive | None = None
    """Which files of a zip or tar are read; None: the setting ``zip`` decides."""
    kind: Literal["extract"] = "extract"


class Measure(StrEnum):
    """A number of an extract task that a condition can compare."""

    FILES = "files"
    ROWS = "rows"
    REJECTED = "rejected"
    HELD = "held"
    BYTES = "bytes"


Operator = Literal["=", "!=", ">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A comparison of one number of an extract task with a value, such as ``files.rows > 0``."""

    task: str
    measure: Measure
    operator: Operator
    number: int
    kind: Literal["comparison"] = "comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    tests: tuple[Test, ...]
    kind: Literal["all"] = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    tests: tuple[Test, ...]
    kind: Literal["any"] = "any"


Test = Comparison | AllOf | AnyOf


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionTask:
    """A yes/no question. ``then`` and ``otherwise`` name the tasks to run for each answer.

    Tasks in neither list always run. If the workflow file has neither list, the parser fills ``then`` with
    every later task.
    """

    id: str
    test: Test = field(metadata={"discriminator": "kind"})
    then: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    kind: Literal["condition"] = "condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTask:
    """Loads the rows of one extract task or transform into one table or directory, or delivers them."""

    id: str
    source: str
    """The ID of the extract task or transform whose rows are loaded."""
    destination: str
    target: DirectoryTarget | RowsTarget | ObjectsTarget | Target = field(
        metadata={"union_mode": "left_to_right"}
    )
    kind: Literal["load"] = "load"


Task = ExtractTask | TransformTask | ConditionTask | LoadTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """One published version of a workflow."""

    key: str
    title: str
    project: str | None
    tasks: tuple[Task, ...]
    enabled: bool = True
    triggers: tuple[Trigger, ...] = ()
    notify: tuple[Notify, ...] = ()
    tags: tuple[str, ...] = ()
    expected: Schedule | None = None
    """The times at which files are expected; None if they may arrive at any time."""

    @property
    def extracts(self) -> tuple[ExtractTask, ...]:
        return tuple(task for task in self.tasks if isinstance(task, ExtractTask))

    @property
    def transforms(self) -> tuple[TransformTask, ...]:
        return tuple(task for task in self.tasks if isinstance(task, TransformTask))

    @property
    def conditions(self) -> tuple[ConditionTask, ...]:
        return tuple(task for task in self.tasks if isinstance(task, ConditionTask))

    @property
    def loads(self) -> tuple[LoadTask, ...]:
        return tuple(task for task in self.tasks if isinstance(task, LoadTask))

    def loads_from(self, extract: str) -> tuple[LoadTask, ...]:
        """The loads that use the rows of this extract task, directly or through transforms, in the file's
        order.
        """
        return tuple(task for task in self.loads if self.extract_of(task.source) == extract)

    def transforms_from(self, extract: str) -> tuple[TransformTask, ...]:
        """The transforms of the rows of this extract task. Each transform follows its source."""
        return tuple(task for task in self.transforms if self.extract_of(task.id) == extract)

    def transforms_to(self, source: str) -> tuple[TransformTask, ...]:
        """The transforms, in order, that make the rows of this extract task or transform."""
        by_id = {task.id: task for task in self.transforms}
        found: list[TransformTask] = []
        while source in by_id:
            task = by_id.pop(source)
            found.insert(0, task)
            source = task.source
        return tuple(found)

    def extract_of(self, source: str) -> str:
        """The ID of the extract task from which the rows of this extract task or transform come."""
        transforms = self.transforms_to(source)
        return transforms[0].source if transforms else source


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of a workflow, with the installation's data about the workflow."""

    workflow: Workflow
    version: int
    slug: str
    """The workflow's name in every load ID, fixed at its creation. It also determines the form of the load
    IDs.
    """
    switched_on_at: datetime
    task_slugs: Mapping[str, str] = field(default_factory=dict)
    """The original IDs of renamed tasks, by their current IDs."""

    def task_slug(self, task: str) -> str:
        """The original ID of a task, used in the names of loads and claims."""
        return self.task_slugs.get(task, task)
