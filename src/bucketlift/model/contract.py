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
    SKIP = "skip"
    """Leave the records out; the verdict counts them."""
    KEEP = "keep"
    """Load the records as rows; the verdict counts them."""
    NUMBER = "number"
    """Tell columns of one name apart by a number: ``name``, ``name_2``."""


class LineEnd(StrEnum):
    """What ends a record."""

    AUTO = "auto"
    """LF or CRLF; a file that mixes both is read, and its verdict says so."""
    LF = "lf"
    CRLF = "crlf"
    CR = "cr"
    CRCRLF = "crcrlf"


class Escapes(StrEnum):
    """What an escape before a character means."""

    STRICT = "strict"
    """Only a delimiter, quote, line end or escape may follow; anything else is an error."""
    NONE = "none"
    """Backslashes are content, also in files that look as if they were escaped."""
    MYSQL = "mysql"
    """The sequences of ``SELECT ... INTO OUTFILE``."""
    POSTGRESQL = "postgresql"
    """The sequences of the text format of ``COPY``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How records are framed. Fixed when the workflow is set up, never guessed per run."""

    delimiter: str = ","
    """One or more characters, none of which ends a line."""
    quote: str | None = '"'
    """One character, or two: the opening and the closing quote."""
    escape: str | None = None
    """Takes its meaning from what follows it, as ``escapes`` says."""
    escapes: Escapes = Escapes.STRICT
    encoding: str = "utf-8"
    line_end: LineEnd = LineEnd.AUTO
    skip_lines: int = 0
    """Physical lines above the header, or above the records if files have no header."""
    header_line: int | None = None
    """The physical line (from 1) of the header, whatever stands above it. Excludes ``skip_lines``."""
    expect: tuple[str, ...] = ()
    """Texts that the lines above ``header_line`` must contain, one line each, in this order."""
    header: bool = True
    """False: files begin with a record, and have the contract's fields in its order."""
    header_given: bool = False
    """Whether the task says ``header: true`` itself: its header row is then not asked about."""
    rows_below_header: int | None = None
    """Records below the header that are no data. None: files whose first records look so are held."""
    footer: tuple[str, ...] = ()
    """What a line below the last record begins with; such lines are no records."""
    footer_given: bool = False
    """Whether the task says ``footer: []`` itself: last records that look like a total are then rows."""
    blank_around_quotes: bool = False
    """Whether blanks may stand between a delimiter and a quote: ``1, "Smith, John"``."""
    formula_guard: bool = False
    """Whether ``="00123"`` is read as ``00123``."""
    borders: bool = False
    """Whether records stand between delimiters, and lines without any delimiter (titles, rules of dashes) are no
    records, as in a list that SAP prints."""
    trim: bool = False
    """Whether blanks around the content of every cell are left out."""
    trailing_delimiter: bool = False
    """Whether a record may end with one more delimiter than the header."""
    quoted_lines: bool = False
    """Whether every line as a whole is in quotes, with the quotes of its cells doubled."""
    trailing_nul: bool = False
    """Whether NUL padding at the end of the file and of records is left out."""
    trailing_controls: bool = False
    """Whether control characters (Ctrl-Z, form feed) at the end of the file are left out."""
    null_quoted: bool = True
    """Whether a quoted null word is null, too."""

    @property
    def lines_above(self) -> int:
        """Physical lines above the header, or above the records if files have no header."""
        return self.skip_lines if self.header_line is None else self.header_line - 1

    @staticmethod
    def of(file_type: FileType) -> Dialect:
        return Dialect(delimiter="\t" if file_type is FileType.TSV else ",")


class Negative(StrEnum):
    """A way to write a negative number."""

    PARENTHESES = "parentheses"
    """``(30.00)``"""
    TRAILING = "trailing"
    """``30.00-``"""
    UNICODE_MINUS = "unicode-minus"
    """U+2212 in place of the hyphen that keyboards have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column that every file has. Its name is the sample's, to the letter."""

    name: str
    aliases: tuple[str, ...] = ()
    """Names under which a file may have it as well."""
    type: TypeName = TypeName.TEXT
    format: str | None = None
    """Of a date or timestamp, in the letters of strptime; None: ISO 8601."""
    timezone: str | None = None
    """Of a timestamp that tells no offset of its own: the IANA zone its clock stands in. It is kept in UTC."""
    precision: int | None = None
    scale: int | None = None
    decimal_point: str | None = None
    """Of a decimal; None: a full stop."""
    thousands: str | None = None
    """Of an integer or decimal: the sign between groups of three digits. None: there is none."""
    negative: tuple[Negative, ...] = ()
    """Of an integer or decimal: ways to write a negative number beside a leading minus sign."""
    strip: tuple[str, ...] = ()
    """Of a typed field: texts, such as a currency or a blank, that are removed from both ends of a value."""
    zone_names: tuple[tuple[str, str], ...] = ()
    """Of a timestamp with ``%Z``: the IANA zone that each name in the file means."""
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
        letters = (self.format or "").replace("%%", "")
        offset = "%z" in letters or "%Z" in letters
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
    """ACCEPT: a field that is no key has empty cells instead."""
    duplicate: Policy = Policy.HOLD
    """IGNORE leaves out columns that are there more than once, where none of them is a field. NUMBER names them by
    their position: ``name``, ``name_2``."""
    blank: Policy = Policy.HOLD
    """A column has no name. IGNORE leaves it out; a value in it makes its row a reject."""
    preamble: Policy = Policy.HOLD
    """Lines above the header. IGNORE leaves them out where nothing could take them for records, ACCEPT always; so
    also lines that ``skip_lines`` leaves out above records without a header."""
    trailing: Policy = Policy.HOLD
    """Lines that a blank line sets off at the end. HOLD: they are rejects. IGNORE leaves them out."""
    encoding: Policy = Policy.HOLD
    """Bytes that the task's encoding reads, and that look like another one. ACCEPT reads them as the task says."""
    empty: Policy = Policy.HOLD
    """The object has no byte at all. IGNORE skips it."""
    empty_rows: Policy = Policy.HOLD
    """Records of several cells that are all empty. HOLD: they are rejects. SKIP or KEEP."""
    repeated_header: Policy = Policy.HOLD
    """The header again below records. HOLD: it and all records below it are rejects. SKIP leaves each repeat out."""


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
    WRONG_DELIMITER = "wrong-delimiter"
    """Another delimiter separates the cells."""
    DOUBTFUL_HEADER = "doubtful-header"
    """The row that should name the columns looks like data."""
    UNEXPECTED_LINES = "unexpected-lines"
    """The lines above the header lack a text that the dialect expects there."""
    ROWS_BELOW_HEADER = "rows-below-header"
    """The first records look like no data: units, types, questions, or a second header."""
    PREAMBLE = "preamble"
    UNEXPECTED_HEADER = "unexpected-header"
    NOT_UTF8 = "not-utf-8"
    WRONG_ENCODING = "wrong-encoding"
    DOUBTFUL_ENCODING = "doubtful-encoding"
    """Each byte can be read in the task's encoding, and the file looks like another one."""
    DOUBTFUL_ESCAPES = "doubtful-escapes"
    """Backslashes look like escapes, but the task reads them as content."""
    DOUBTFUL_FOOTER = "doubtful-footer"
    """The last records look like totals, counts or trailers."""
    DOUBTFUL_QUOTES = "doubtful-quotes"
    """The cells are in quotes of another kind than the task's."""
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
    BAD_LISTING = "bad-listing"
    """The store's listing says too little of the object, or contradicts itself."""
    NOT_AS_LISTED = "not-as-listed"
    """Two runs found another object, or none, where the listing shows this one."""
    CUSTOMER_KEY = "customer-key"
    """It is encrypted with a key that its writer keeps (SSE-C)."""
    NO_READ_PERMISSION = "no-read-permission"
    DESTINATION_REFUSED = "destination-refused"
    ROWS_NOT_KEPT = "rows-not-kept"
    """The destination's own count of the rows differs from what was loaded, so the load was undone."""
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
    ENCRYPTED = "encrypted"
    NOT_ENCRYPTED = "not-encrypted"
    OTHER_KEY = "encrypted-for-another-key"
    KEY_EXPIRED = "key-expired"
    NO_INTEGRITY = "no-integrity-protection"
    PGP_DAMAGED = "pgp-damaged"
    SEVERAL_MESSAGES = "several-messages"
    NOT_SIGNED = "not-signed"
    SIGNATURE_REFUSED = "signature-refused"
    SIGNED = "signed"
    """It is signed with PGP, and the task does not say how such files are read."""
    WRONG_PASSPHRASE = "wrong-passphrase"  # noqa: S105
    COMPRESSION_DAMAGED = "compression-damaged"
    COMPRESSION_REFUSED = "compression-refused"
    ZIP_ENTRIES = "zip-entries"
    UNPACKS_TOO_BIG = "unpacks-too-big"
    UNPACKS_TOO_LONG = "unpacks-too-long"


CONTRACT_REASONS = frozenset(
    {
        HeldReason.EMPTY,
        HeldReason.NO_HEADER,
        HeldReason.WRONG_DELIMITER,
        HeldReason.DOUBTFUL_HEADER,
        HeldReason.UNEXPECTED_LINES,
        HeldReason.ROWS_BELOW_HEADER,
        HeldReason.PREAMBLE,
        HeldReason.UNEXPECTED_HEADER,
        HeldReason.NOT_UTF8,
        HeldReason.WRONG_ENCODING,
        HeldReason.DOUBTFUL_ENCODING,
        HeldReason.DOUBTFUL_ESCAPES,
        HeldReason.DOUBTFUL_QUOTES,
        HeldReason.DOUBTFUL_FOOTER,
        HeldReason.MISSING_COLUMN,
        HeldReason.RENAMED_COLUMN,
        HeldReason.EXTRA_COLUMN,
        HeldReason.DUPLICATE_COLUMN,
        HeldReason.BLANK_COLUMN,
        HeldReason.REORDERED_COLUMNS,
        HeldReason.RESPELLED_COLUMNS,
        HeldReason.BROKEN_HEADER,
        HeldReason.TOO_MANY_REJECTS,
        HeldReason.ENCRYPTED,
        HeldReason.NOT_ENCRYPTED,
        HeldReason.OTHER_KEY,
        HeldReason.NOT_SIGNED,
        HeldReason.SIGNATURE_REFUSED,
        HeldReason.SIGNED,
        HeldReason.WRONG_PASSPHRASE,
        HeldReason.COMPRESSION_REFUSED,
        HeldReason.ZIP_ENTRIES,
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

    ``positions[i]`` is the column of the file (from 0) that holds the contract's field i; None where the file
    has none, and the field's cells are empty.
    """

    positions: tuple[int | None, ...]
    width: int
    """Columns of the file, extra ones included."""
    unnamed: tuple[int, ...] = ()
    """Columns without a name that were left out: a record with a value in one of them is a reject."""
    notes: tuple[str, ...] = ()
    """What differs and was accepted; empty means exact."""
