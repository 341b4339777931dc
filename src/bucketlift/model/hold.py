"""The reasons why a file is held, and what a comparison of a file with its contract found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HeldReason(StrEnum):
    """The reason why a whole file is held."""

    EMPTY = "empty"
    NO_HEADER = "no-header"
    WRONG_DELIMITER = "wrong-delimiter"
    """The cells are separated by another delimiter than the task's."""
    DOUBTFUL_HEADER = "doubtful-header"
    """The header row looks like data."""
    UNEXPECTED_LINES = "unexpected-lines"
    """The lines above the header lack a text that the dialect requires there."""
    ROWS_BELOW_HEADER = "rows-below-header"
    """The first records look like units, types, questions or a second header, not like data."""
    PREAMBLE = "preamble"
    UNEXPECTED_HEADER = "unexpected-header"
    NOT_UTF8 = "not-utf-8"
    WRONG_ENCODING = "wrong-encoding"
    DOUBTFUL_ENCODING = "doubtful-encoding"
    """The task's encoding can read every byte, but the file looks like another encoding."""
    DOUBTFUL_ESCAPES = "doubtful-escapes"
    """Backslashes look like escapes, but the task reads them as ordinary characters."""
    DOUBTFUL_FOOTER = "doubtful-footer"
    """The last records look like totals, counts or trailers."""
    DOUBTFUL_QUOTES = "doubtful-quotes"
    """The cells are quoted with another quote than the task's."""
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
    """The store's listing is incomplete or contradictory for the object."""
    NOT_AS_LISTED = "not-as-listed"
    """In two runs, the object at the listed key was missing or not the one in the listing."""
    CUSTOMER_KEY = "customer-key"
    """The object is encrypted with its writer's key (SSE-C)."""
    NO_READ_PERMISSION = "no-read-permission"
    DESTINATION_REFUSED = "destination-refused"
    IN_DOUBT = "in-doubt"
    """The answer to a chunk of a delivery was lost, and a repeat could take effect twice; or the destination does
    not confirm a chunk.
    """
    DELIVERY_CHANGED = "delivery-changed"
    """A part of the file is delivered, and the load would now send other contents."""
    TOO_MANY_REFUSED = "too-many-refused"
    """A destination refused more rows than ``max_rejected`` allows. The action has not been run."""
    ROWS_NOT_KEPT = "rows-not-kept"
    """The number of rows that the destination counts differs from that of the load, so the load was rolled
    back.
    """
    KEY_TOO_LONG = "key-too-long"
    NAME_TAKEN = "name-taken"
    """Another file already has the name that the load gives to its file, and `on_collision` does not change it."""
    UNUSABLE_NAME = "unusable-name"
    """No file can have the name that the load's template gives to its file."""
    MEMBER_HELD = "member-held"
    """In replace mode, all files form one unit. Another file of the unit is held, so this file is held too."""
    LOADER_REMOVED = "loader-removed"
    """A load task that had to load the file was removed from the workflow before it loaded the file."""
    UNKNOWN_RECEIPT = "unknown-receipt"
    """The destination has a receipt of the file, and this ledger does not know the receipt."""
    POISON = "poison"
    ON_HOLD = "asked"
    """A person held the file."""
    UNLOADING = "unloading"
    """The file's rows are being removed from the destination, or the removal was interrupted and some rows
    may remain.
    """
    UNLOADED = "unloaded"
    """A person unloaded the file: its rows were removed from the destination."""
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
    """The file is signed with PGP, and the task has no settings for signed files."""
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
        HeldReason.TOO_MANY_REFUSED,
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
"""The reasons that depend on the contract. If the contract changes, files that are held for them are checked
again.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a file waits for a person, and what to do. The text has no contents of cells; it may have names
    from the header.
    """

    reason: HeldReason
    what: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a file matches its contract: notes for people, and the position of each field.

    ``positions[i]`` is the column of the file (from 0) that contains the contract's field i. None: the file
    has no such column, and the field is read as empty.
    """

    positions: tuple[int | None, ...]
    width: int
    """Number of columns in the file, including extra ones."""
    unnamed: tuple[int, ...] = ()
    """Columns that were left out because they have no name. A record with a value in one of them is a reject."""
    notes: tuple[str, ...] = ()
    """Differences from the contract that a policy accepts; empty if the file matches exactly."""
