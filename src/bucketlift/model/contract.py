"""Contracts: what a file must look like."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum

from bucketlift.model.types import MAX_PRECISION, TEXT, TypeName, ValueType


class FileType(StrEnum):
    CSV = "csv"
    TSV = "tsv"


class Policy(StrEnum):
    """What to do if a file differs from its contract in one way."""

    ACCEPT = "accept"
    IGNORE = "ignore"
    HOLD = "hold"
    SKIP = "skip"
    """Leave the records out; the verdict counts them."""
    KEEP = "keep"
    """Load the records as rows; the verdict counts them."""
    NUMBER = "number"
    """Add numbers to the names of columns that have the same name: ``name``, ``name_2``."""


class LineEnd(StrEnum):
    """The line end that ends a record."""

    AUTO = "auto"
    """LF or CRLF. A file with both is read, and its verdict notes it."""
    LF = "lf"
    CRLF = "crlf"
    CR = "cr"
    CRCRLF = "crcrlf"


class Escapes(StrEnum):
    """What an escape character means before another character."""

    STRICT = "strict"
    """Only a delimiter, quote, line end or escape may follow the escape; any other character is an error."""
    NONE = "none"
    """Backslashes are ordinary characters, even in files that seem to use escapes."""
    MYSQL = "mysql"
    """Escapes have the meanings of ``SELECT ... INTO OUTFILE``."""
    POSTGRESQL = "postgresql"
    """Escapes have the meanings of the text format of ``COPY``."""


ADDED = {"added": True}
"""The metadata of a setting that was added after fingerprints were first stored. With ``repr=False``, such a
setting is part of a fingerprint only if it is set, so that stored fingerprints stay valid.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How records are delimited. A dialect is fixed when the workflow is set up, never guessed per run."""

    delimiter: str = ","
    """The delimiter: one or more characters, none of which ends a line."""
    quote: str | None = '"'
    """The quote: one character, or two (the opening and the closing quote)."""
    escape: str | None = None
    """The escape character. What it means before another character is defined by ``escapes``."""
    escapes: Escapes = Escapes.STRICT
    encoding: str = "utf-8"
    line_end: LineEnd = LineEnd.AUTO
    skip_lines: int = 0
    """Number of physical lines above the header, or above the records if files have no header."""
    header_line: int | None = None
    """The number of the physical line (from 1) that contains the header. It cannot be used together with
    ``skip_lines``.
    """
    expect: tuple[str, ...] = ()
    """Texts that the lines above ``header_line`` must contain. Each must be in a separate line, in this
    order.
    """
    header: bool = True
    """Whether files have a header. False: files start with a record, and the columns are the contract's
    fields, in the contract's order.
    """
    header_given: bool = False
    """Whether the task sets ``header: true`` explicitly. If so, the check for data in the first row is
    skipped.
    """
    rows_below_header: int | None = None
    """Number of records below the header that are not data. None: a file is held if its first records seem not to be
    data.
    """
    footer: tuple[str, ...] = ()
    """Lines below the last record that start with one of these texts are not records."""
    footer_given: bool = field(default=False, repr=False, metadata=ADDED)
    """Whether the task sets ``footer: []`` explicitly. If so, records at the end are rows even if they look
    like totals.
    """
    blank_around_quotes: bool = False
    """Whether blanks may be between a delimiter and a quote: ``1, "Smith, John"``."""
    formula_guard: bool = False
    """Whether ``="00123"`` is read as ``00123``."""
    borders: bool = False
    """Whether records start and end with a delimiter, as in a list printed by SAP. Lines without a delimiter
    (titles, lines of dashes) are then not records.
    """
    trim: bool = False
    """Whether blanks around the content of every cell are removed."""
    trailing_delimiter: bool = False
    """Whether a record may end with one more delimiter than the header."""
    quoted_lines: bool = False
    """Whether each line is quoted as a whole. The quotes inside the line are then doubled."""
    trailing_nul: bool = False
    """Whether NUL padding at the end of the file and of records is removed."""
    trailing_controls: bool = False
    """Whether control characters (Ctrl-Z, form feed) at the end of the file are removed."""
    null_quoted: bool = True
    """Whether a null word means null even if it is quoted."""

    @property
    def lines_above(self) -> int:
        """The number of physical lines above the header, or above the records if files have no header."""
        return self.skip_lines if self.header_line is None else self.header_line - 1

    @staticmethod
    def of(file_type: FileType) -> Dialect:
        return Dialect(delimiter="\t" if file_type is FileType.TSV else ",")


class Negative(StrEnum):
    """A notation of negative numbers."""

    PARENTHESES = "parentheses"
    """Parentheses: ``(30.00)``"""
    TRAILING = "trailing"
    """A minus sign at the end: ``30.00-``"""
    UNICODE_MINUS = "unicode-minus"
    """The character U+2212 instead of the hyphen on keyboards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column that every file must have. The field's name is exactly the column's name in the sample."""

    name: str
    aliases: tuple[str, ...] = ()
    """Other names that the column may have."""
    type: TypeName = TypeName.TEXT
    format: str | None = None
    """The format of a date or timestamp, in strptime notation; None: ISO 8601."""
    timezone: str | None = None
    """The IANA time zone of timestamps without an offset. They are stored in UTC."""
    precision: int | None = None
    scale: int | None = None
    decimal_point: str | None = None
    """The decimal point of a decimal field; None: a full stop."""
    thousands: str | None = None
    """Thousands separator of an integer or decimal; None: there is none."""
    negative: tuple[Negative, ...] = ()
    """Accepted notations of negative numbers, in addition to a minus sign before the number."""
    strip: tuple[str, ...] = ()
    """Texts, such as a currency or a blank, that are removed from both ends of a value before it is converted
    to the field's type.
    """
    zone_names: tuple[tuple[str, str], ...] = ()
    """For timestamps with ``%Z``: each zone name in the files, with the IANA zone that it means."""
    true_words: tuple[str, ...] = ()
    """Words that mean true in a boolean field, in upper or lower case; if empty, ``true``. ``false_words``
    works in the same way.
    """
    false_words: tuple[str, ...] = ()
    null_words: tuple[str, ...] = ()
    """Exact texts that mean null. An empty cell is always null, except in a text field."""

    @property
    def value_type(self) -> ValueType:
        """The type of the staged values."""
        if self.type is TypeName.TEXT:
            return TEXT
        if self.type is TypeName.DECIMAL:
            return ValueType(name=self.type, precision=self.precision or MAX_PRECISION, scale=self.scale or 0)
        letters = (self.format or "").replace("%%", "")
        offset = "%z" in letters or "%Z" in letters
        return ValueType(
            name=self.type, zoned=self.type is TypeName.TIMESTAMP and (offset or self.timezone is not None)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """One policy for each way in which a file can differ from its contract. HOLD means that the file waits
    for a person.
    """

    reordered: Policy = Policy.ACCEPT
    respelled: Policy = Policy.ACCEPT
    """A column name differs from the sample in case or in surrounding blanks."""
    extra: Policy = Policy.HOLD
    missing: Policy = Policy.HOLD
    """A field of the contract is missing. ACCEPT reads the field as empty if it is not part of a key."""
    duplicate: Policy = Policy.HOLD
    """Several columns have the same name. IGNORE leaves them out if they are not a field of the contract.
    NUMBER names them by their position: ``name``, ``name_2``.
    """
    blank: Policy = Policy.HOLD
    """A column has no name. IGNORE leaves the column out; a record with a value in this column is a reject."""
    preamble: Policy = Policy.HOLD
    """There are lines above the header. IGNORE leaves them out if they cannot be records, ACCEPT always does.
    If files have no header, the policy applies to the lines that ``skip_lines`` leaves out.
    """
    trailing: Policy = Policy.HOLD
    """There are lines after a blank line at the end. HOLD makes them rejects, IGNORE leaves them out."""
    encoding: Policy = Policy.HOLD
    """The bytes can be read in the task's encoding, but look like another encoding. ACCEPT reads them in the
    task's encoding.
    """
    empty: Policy = Policy.HOLD
    """The object has no bytes. IGNORE skips the file."""
    empty_rows: Policy = Policy.HOLD
    """All cells of a record with several cells are empty. HOLD makes such records rejects, SKIP leaves them
    out, KEEP loads them.
    """
    repeated_header: Policy = Policy.HOLD
    """The header is repeated below records. HOLD makes the repeat and all records below it rejects. SKIP
    leaves out each repeat only.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The fields that every file of a task must have, in the sample's order."""

    fields: tuple[Field, ...]
    dialect: Dialect = field(default_factory=Dialect)
    policies: Policies = field(default_factory=Policies)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields)


def added_settings(contract: Contract) -> list[str]:
    """The names of the ``ADDED`` settings that are set, each with its value (True is left out)."""
    parts: tuple[Contract | Dialect | Policies | Field, ...] = (contract, contract.dialect, contract.policies)
    return [
        each.name if value is True else f"{each.name}={value!r}"
        for part in (*parts, *contract.fields)
        for each in fields(part)
        if each.metadata.get("added") and (value := getattr(part, each.name)) != each.default
    ]
