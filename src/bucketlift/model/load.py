"""Targets and loads, and the receipts that prove a load."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType

from bucketlift.model.directory.row_check import RowCheck
from bucketlift.model.source import SourceObject
from bucketlift.model.types import TEXT, ValueType

LoadId = NewType("LoadId", str)
"""The name of a load, computed from its content (26 letters and digits), so that a repeated load finds its
receipt.

Workflows that are older than short names keep load names of 64 hex digits.
"""

SHORT = "2:"
"""Prefix of the slug of a workflow whose loads have short names. The key of a workflow cannot contain it."""


class WriteMode(StrEnum):
    APPEND = "append"
    UPSERT = "upsert"
    REPLACE = "replace"


class Lineage(StrEnum):
    """Whether a load writes the lineage columns ``_load_id`` and ``_source_line``."""

    AUTO = "auto"
    """Bucketlift writes the columns if it created the table, or if the table has them already."""
    ON = "on"
    """Bucketlift always writes the columns. It refuses a table without them; the error contains the ALTER
    statement.
    """
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the target, and the source field that fills it."""

    name: str
    field: str
    type: ValueType = TEXT
    """The field's type. It is also the column's type if Bucketlift creates the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A table, a write mode and a key. ``key`` names the source fields that identify a row."""

    task_kind: ClassVar[str] = "load"
    """The key of the load task in a workflow file."""

    table: str
    columns: tuple[Column, ...]
    mode: WriteMode = WriteMode.APPEND
    key: tuple[str, ...] = ()
    lineage: Lineage = Lineage.AUTO
    accept_at_least_once: bool = False
    """Whether a person allows that objects are deleted, moved or renamed after this load, although the load
    may repeat rows.
    """

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The target columns of the key fields."""
        return tuple(column.name for column in self.columns if column.field in self.key)

    @property
    def checks(self) -> tuple[RowCheck, ...]:
        """The conditions that each row must meet. A row that does not meet them is a reject."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadUnit:
    """The loads that one transaction makes visible: one load per file; in replace mode one load of all files."""

    target: Target
    loads: tuple[LoadId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The proof of a load. It is written in the same transaction as the load's rows."""

    load: LoadId
    table: str
    inserted: int
    updated: int
    unchanged: int
    committed_at: datetime


def slug_of(workflow: str) -> str:
    """The slug for a new workflow: its key with the prefix ``SHORT``."""
    return SHORT + workflow


def load_id(slug: str, task: str, table: str, source: SourceObject, part: int = 0) -> LoadId:
    """The name of the load of one file. Part 0 is the file itself, part n is the n-th replay of its mended
    rejects.
    """
    return _named(slug, task, table, source.identity, str(part))


def load_ids(slug: str, task: str, table: str, source: SourceObject, part: int = 0) -> tuple[LoadId, ...]:
    """The name of a load, then its long form. If a lost ledger wrote the receipt, the receipt may have the
    long form.
    """
    slugs = dict.fromkeys((slug, slug.removeprefix(SHORT)))
    return tuple(load_id(each, task, table, source, part) for each in slugs)


def replace_load_id(slug: str, task: str, table: str, manifest: Iterable[SourceObject]) -> LoadId:
    """The name of the load that replaces a table with all files of a manifest, in the order of the manifest."""
    return _named(slug, task, table, "replace", *(source.identity for source in manifest))


def _named(slug: str, *parts: str) -> LoadId:
    digest = hashlib.sha256()
    for part in (slug.removeprefix(SHORT), *parts):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(f"{len(encoded)}:".encode() + encoded)
    if not slug.startswith(SHORT):
        return LoadId(digest.hexdigest())
    # 128 bits: an attacker who chooses keys needs about 2^64 tries for two equal names (decision 36).
    return LoadId(base64.b32encode(digest.digest()[:16]).decode().rstrip("=").lower())


ROWS = "rows"
"""The name by which load IDs and receipts refer to the target of ``load_rows``."""
MAX_BATCH = 10_000
DEFAULT_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsTarget(Target):
    """Rows that are sent to an HTTP receiver. ``columns`` are the fields of the sent objects."""

    task_kind: ClassVar[str] = "load_rows"

    batch: int
    """Maximum number of rows of one request."""


def rows_target(
    columns: tuple[Column, ...], *, batch: int = DEFAULT_BATCH, accept_at_least_once: bool = False
) -> RowsTarget:
    return RowsTarget(
        table=ROWS,
        columns=columns,
        lineage=Lineage.OFF,
        batch=batch,
        accept_at_least_once=accept_at_least_once,
    )
