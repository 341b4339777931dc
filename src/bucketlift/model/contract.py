"""What a file must look like, and how one was found to look."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bucketlift.model.types import MAX_PRECISION, TEXT, TypeName, ValueType


class FileType(StrEnum):
    CSV = "csv"
    TSV = "tsv"


class Policy(StrEnum):
    """What to do with a file that differs from its contract in one way."""

    ACCEPT = "accept"
    IGNORE = "ignore"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How records are framed. Fixed when the workflow is set up, never guessed per run."""

    delimiter: str = ","
    quote: str | None = '"'
    encoding: str = "utf-8"

    @staticmethod
    def of(file_type: FileType) -> Dialect:
        return Dialect(delimiter="\t" if file_type is FileType.TSV else ",")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column that every file has. Its name is the sample's, to the letter."""

    name: str
    type: TypeName = TypeName.TEXT
    format: str | None = None
    """Of a date or timestamp, in the letters of strptime; None: ISO 8601."""
    timezone: str | None = None
    """Of a timestamp that tells no offset of its own: the IANA zone its clock stands in. It is kept in UTC."""
    precision: int | None = None
    scale: int | None = None
    true_words: tuple[str, ...] = ()
    """Of a boolean, in any case of their letters; none: ``true``. So for the false ones."""
    false_words: tuple[str, ...] = ()
    null_words: tuple[str, ...] = ()
    """To the letter; beside the empty field, which is null in every field but a text."""

    @property
    def value_type(self) -> ValueType:
        """What the field is staged as."""
        if self.type is TypeName.TEXT:
            return TEXT
        if self.type is TypeName.DECIMAL:
            return ValueType(name=self.type, precision=self.precision or MAX_PRECISION, scale=self.scale or 0)
        offset = "%z" in (self.format or "").replace("%%", "")
        return ValueType(
            name=self.type, zoned=self.type is TypeName.TIMESTAMP and (offset or self.timezone is not None)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """One policy per way of differing. HOLD means: the file waits for a person."""

    reordered: Policy = Policy.ACCEPT
    respelled: Policy = Policy.ACCEPT
    """Case or surrounding blanks differ."""
    extra: Policy = Policy.HOLD
    missing: Policy = Policy.HOLD
    empty: Policy = Policy.HOLD
    """The object has no byte at all. IGNORE skips it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The fields that every file of a task must have, in the sample's order."""

    fields: tuple[Field, ...]
    dialect: Dialect = field(default_factory=Dialect)
    policies: Policies = field(default_factory=Policies)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields)


class HeldReason(StrEnum):
    """Why a whole file waits for a person."""

    EMPTY = "empty"
    NO_HEADER = "no-header"
    NOT_UTF8 = "not-utf-8"
    MISSING_COLUMN = "missing-column"
    RENAMED_COLUMN = "renamed-column"
    EXTRA_COLUMN = "extra-column"
    DUPLICATE_COLUMN = "duplicate-column"
    BLANK_COLUMN = "blank-column"
    REORDERED_COLUMNS = "reordered-columns"
    RESPELLED_COLUMNS = "respelled-columns"
    BROKEN_HEADER = "broken-header"
    TOO_MANY_REJECTS = "too-many-rejects"
    REPEATED_BYTES = "repeated-bytes"
    TOO_BIG = "too-big"
    ARCHIVED_TIER = "archived-tier"
    NO_READ_PERMISSION = "no-read-permission"
    DESTINATION_REFUSED = "destination-refused"
    KEY_TOO_LONG = "key-too-long"
    MEMBER_HELD = "member-held"
    """Replace mode: another file of the unit is held, so the unit is."""
    LOADER_REMOVED = "loader-removed"
    """A load task that the file was to go to was taken out of the workflow before it had loaded it."""
    UNKNOWN_RECEIPT = "unknown-receipt"
    """The destination has a receipt of the file that this ledger knows nothing of."""
    POISON = "poison"
    ASKED = "asked"
    """A person put it on hold."""
    UNLOADING = "unloading"
    """Its rows are being taken out again, or that broke off: some may be out, and some not."""
    UNLOADED = "unloaded"
    """A person had its rows taken out again."""


CONTRACT_REASONS = frozenset(
    {
        HeldReason.EMPTY,
        HeldReason.NO_HEADER,
        HeldReason.NOT_UTF8,
        HeldReason.MISSING_COLUMN,
        HeldReason.RENAMED_COLUMN,
        HeldReason.EXTRA_COLUMN,
        HeldReason.DUPLICATE_COLUMN,
        HeldReason.BLANK_COLUMN,
        HeldReason.REORDERED_COLUMNS,
        HeldReason.RESPELLED_COLUMNS,
        HeldReason.BROKEN_HEADER,
        HeldReason.TOO_MANY_REJECTS,
    }
)
"""A new version of the contract judges files held for these again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why this file waits for a person, and what to do. Free of cell contents, except header names."""

    reason: HeldReason
    what: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a file meets its contract: in words for people, and where each field is.

    ``positions[i]`` is the column of the file (from 0) that holds the contract's field i.
    """

    positions: tuple[int, ...]
    width: int
    """Columns of the file, extra ones included."""
    notes: tuple[str, ...] = ()
    """What differs and was accepted; empty means exact."""
