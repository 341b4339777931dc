"""Reasons for held files, held actions, rejects and keys that are not taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from bucketlift.model.hold import CONTRACT_REASONS, HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.mending import UnfitReason
from bucketlift.model.rows import RejectReason
from bucketlift.rules.take import Decision
from bucketlift.service.files.decisions import ACCEPTABLE
from bucketlift.service.verify.difference import HINTS, Kind
from tools.pages import markdown
from tools.pages.markdown import code, table

E = TypeVar("E", bound=StrEnum)

FILE_STATES: Mapping[FileState, str] = {
    FileState.FOUND: "seen in a listing; the ledger does not know it yet",
    FileState.CLAIMED: "taken by a run",
    FileState.STAGED: "read exactly, checked, ready to load",
    FileState.COMMITTED: "every chosen load has its rows and a receipt",
    FileState.ACTING: "its delete, move or rename is in progress",
    FileState.DONE: "loaded, and its action is done (or it is kept)",
    FileState.HELD: "not loaded, or its rows were removed again; the file stays in the bucket and waits for a person",
    FileState.ACTION_HELD: "loaded; its delete, move or rename waits for a person",
    FileState.RETRYING: "the next run tries it again",
    FileState.SKIPPED: "not loaded, because of a condition, a policy or a person",
    FileState.GONE: "no longer in the bucket, and not loaded",
    FileState.SUPERSEDED: "overwritten before it was read",
    FileState.ARCHIVED_TIER: "in an archive tier; it must be restored before it can be read",
}

HELD: Mapping[HeldReason, str] = {
    HeldReason.EMPTY: "the object has 0 bytes",
    HeldReason.NO_HEADER: "there is no header row, or it has none of the sample's columns",
    HeldReason.WRONG_DELIMITER: "the cells are separated by another delimiter than the task's",
    HeldReason.DOUBTFUL_HEADER: "no sample names the columns, and the first row holds data instead of names",
    HeldReason.UNEXPECTED_LINES: "a text of `expect` is missing in the lines above the table",
    HeldReason.ROWS_BELOW_HEADER: "the first records differ from all others: units, types, questions or a second header",
    HeldReason.PREAMBLE: "there are lines above the header, or a line to be skipped may be a record",
    HeldReason.UNEXPECTED_HEADER: "the task's files have no header (`header: false`), but this one starts with one",
    HeldReason.WRONG_ENCODING: "a byte is not a character of the task's encoding, or the file has the byte order mark of another one",
    HeldReason.DOUBTFUL_ENCODING: "each byte can be read in the task's encoding, but the file looks like another one",
    HeldReason.DOUBTFUL_ESCAPES: "backslashes look like the escapes of a database's export, but the task reads them as content",
    HeldReason.DOUBTFUL_QUOTES: "the cells are in quotes of another kind than the task's, such as single quotes",
    HeldReason.DOUBTFUL_FOOTER: "the last records look like totals, counts or trailers, and the task sets no `footer`",
    HeldReason.NOT_UTF8: "a byte is not UTF-8; the message gives its offset, and UTF-16 is recognised",
    HeldReason.MISSING_COLUMN: "a column of the sample is missing",
    HeldReason.RENAMED_COLUMN: "one column is missing and one is new, and their names are alike",
    HeldReason.EXTRA_COLUMN: "the file has a column that the sample does not have",
    HeldReason.DUPLICATE_COLUMN: "two columns have the same name",
    HeldReason.BLANK_COLUMN: "a column has no name",
    HeldReason.REORDERED_COLUMNS: "the columns are in another order, and the contract has `reordered: hold`",
    HeldReason.RESPELLED_COLUMNS: "names differ by case or blanks, and the contract has `respelled: hold`",
    HeldReason.BROKEN_HEADER: "the header row cannot be split into cells",
    HeldReason.TOO_MANY_REJECTS: "more rows are rejects than `max_rejected` allows",
    HeldReason.REPEATED_BYTES: "the same bytes were loaded from this key before (`repeats: hold`)",
    HeldReason.TOO_BIG: "the object is larger than `max_bytes`",
    HeldReason.ARCHIVED_TIER: "the object must be restored from its archive tier first",
    HeldReason.BAD_LISTING: "the store's listing has no usable ETag, Size or LastModified for the object, or lists it twice with different ones",
    HeldReason.NOT_AS_LISTED: "two runs found another object than listed, or none: the store contradicts itself",
    HeldReason.CUSTOMER_KEY: "it is encrypted with a key that only its writer has (SSE-C), so it cannot be read",
    HeldReason.NO_READ_PERMISSION: "the role may not read the object; the next run tries again",
    HeldReason.DESTINATION_REFUSED: "the destination refused the rows of this file",
    HeldReason.IN_DOUBT: "the answer to a chunk of its delivery was lost and a repeat could take effect twice, or the destination does not confirm the chunk: find out whether the destination has it, then `bucketlift deliveries confirm` or `resend`",
    HeldReason.DELIVERY_CHANGED: "a part of it is delivered, and the load would now send other contents",
    HeldReason.TOO_MANY_REFUSED: "it is loaded, but destinations refused more of its rows than `max_rejected` allows; its action waits",
    HeldReason.ROWS_NOT_KEPT: "the table dropped, replaced or moved rows of the file, by a conflict clause, a trigger or a rule; the load was rolled back",
    HeldReason.KEY_TOO_LONG: "its key after a move or rename would be longer than S3 allows",
    HeldReason.NAME_TAKEN: "another file already has the name that `load_objects` gives to its file; nothing was written",
    HeldReason.UNUSABLE_NAME: "no file can have the name that `load_objects` gives to its file",
    HeldReason.MEMBER_HELD: "another file of the same replacement is held, so this one waits",
    HeldReason.LOADER_REMOVED: "a load task of the file was removed from the workflow before it loaded the file",
    HeldReason.UNKNOWN_RECEIPT: "the destination has a receipt of the file that the ledger does not know",
    HeldReason.POISON: "the worker died five times while it processed only this file",
    HeldReason.ON_HOLD: "a person asked for it: `bucketlift files hold`",
    HeldReason.UNLOADING: "its rows are being removed, or that was interrupted: repeat `bucketlift files unload`",
    HeldReason.UNLOADED: "a person had the rows of the file removed; `bucketlift files reload` loads the file again",
    HeldReason.ENCRYPTED: "it is encrypted with PGP, and the task has no `pgp`",
    HeldReason.NOT_ENCRYPTED: "it is not encrypted with PGP, and the task requires it",
    HeldReason.SIGNED: "it is signed with PGP, and the task has no `pgp: {signed: accept}`; or it is only a signature",
    HeldReason.WRONG_PASSPHRASE: "the passphrase of `pgp: symmetric` does not open it",
    HeldReason.OTHER_KEY: "it is encrypted for no key of the task; the message lists the keys",
    HeldReason.KEY_EXPIRED: "it is encrypted for a key of the task that has expired",
    HeldReason.NO_INTEGRITY: "the message has no integrity protection",
    HeldReason.PGP_DAMAGED: "the message is damaged, truncated, or was changed on its way",
    HeldReason.SEVERAL_MESSAGES: "the file has several messages, or other bytes after the message",
    HeldReason.NOT_SIGNED: "it is not signed, and the task requires a signature",
    HeldReason.SIGNATURE_REFUSED: "its signature is wrong, or was made with a key that the task does not list or that is expired or revoked",
    HeldReason.COMPRESSION_DAMAGED: "the compressed data is damaged, truncated, or followed by other bytes",
    HeldReason.COMPRESSION_REFUSED: "its compression cannot be read, or is not the one that the task sets",
    HeldReason.ZIP_ENTRIES: "an archive has no file, has several files without a setting that selects them, or has a name twice",
    HeldReason.UNPACKS_TOO_BIG: "it would decompress to more bytes than the operator allows",
    HeldReason.UNPACKS_TOO_LONG: "decrypting or decompressing it took too long",
}

ACTION_HELD: Mapping[str, str] = {
    "collision": "there is another object under the key of the copy",
    "weak-store": "the store ignores a precondition that protects newer bytes",
    "no-right": "the role may not copy or delete",
    "object-lock": "object lock, a legal hold or a write-once store prevents the deletion",
    "other-store": "the account reaches another store than the one the file was loaded from",
    "task-removed": "the workflow no longer has the extract task that loaded the file",
    "action-refused": "the store refuses the copy or delete",
    "not-as-listed": "the store answered that the object was replaced, but its listing still shows the object that was loaded",
    "receipt-missing": "the destination no longer has the receipt: the rows may be gone",
    "key-too-long": "the key of the copy would be longer than S3 allows",
    "asked": "a person asked for it: `bucketlift files hold`",
}

REJECTS: Mapping[RejectReason, str] = {
    RejectReason.WIDTH: "it has another number of fields than the header",
    RejectReason.BARE_QUOTE: "a quote in the middle of a field",
    RejectReason.UNTERMINATED_QUOTE: "a quote that is opened and never closed",
    RejectReason.INSIDE_BROKEN_RECORD: "a line that may be part of a cell of a broken record",
    RejectReason.LONE_CR: "a carriage return without a line feed",
    RejectReason.OTHER_LINE_END: "outside quotes, a line end other than the task's `line_end`",
    RejectReason.NUL: "a NUL byte",
    RejectReason.BLANK_LINE: "a blank line in a file of one column",
    RejectReason.BAD_ESCAPE: "an escape before a character that needs none, so its meaning is unknown",
    RejectReason.EMPTY_ROW: "all cells of the row are empty or blank; `empty_rows` can change this",
    RejectReason.TRAILING_CONTROLS: "control characters at the end of the file, such as Ctrl-Z or a form feed",
    RejectReason.PAGE_BREAK: "a form feed before the row: a printed page starts here",
    RejectReason.REQUIRED: "a transform requires the field, and its value is null or empty",
    RejectReason.NO_SUCH_PART: "a transform splits the text, and it has fewer parts",
    RejectReason.PAST_THE_END: "a transform takes a part of the text, and the text ends before it",
    RejectReason.UNMAPPED_VALUE: "a transform maps values, and its map does not have this one",
    RejectReason.REFUSED_BY_DESTINATION: "the destination of one load refused the row and took others; the other loads of the file have it",
    RejectReason.UNNAMED_CELL: "a value in a column without a name, although `blank: ignore` leaves such columns out",
    RejectReason.REPEATED_HEADER: "the header row again",
    RejectReason.BELOW_SECOND_HEADER: "below a header row that is repeated after data: a second table",
    RejectReason.TOO_LONG: "longer than 128 MiB, the limit for a record",
    RejectReason.KEY_TWICE: "in an upsert, its key is in the file more than once",
    RejectReason.KEY_EMPTY: "in an upsert, its key has no value",
    RejectReason.AMBIGUOUS: "it matches two contacts of a directory by the same merge rule",
    RejectReason.NO_MERGE_FIELD: "the row has no complete merge rule: in each rule, at least one field has no value",
    RejectReason.REQUIRED_EMPTY: "a field that every employee needs has no value",
    RejectReason.VALUE_TOO_LONG: "a value of more than 1,024 characters, the limit of a directory",
    RejectReason.NOT_AN_INTEGER: "not a whole number in the field's notation",
    RejectReason.NOT_A_DECIMAL: "not a decimal number in the field's notation",
    RejectReason.NOT_A_DATE: "not a date in the field's format, or not a calendar day",
    RejectReason.NOT_A_TIMESTAMP: "not a timestamp in the field's format, or not an existing day or time",
    RejectReason.NOT_A_BOOLEAN: "none of the field's words for true and false",
    RejectReason.OUT_OF_RANGE: "a number or time outside the range of the field's type",
    RejectReason.TOO_PRECISE: "more digits after the point than the field's type keeps; nothing is rounded",
    RejectReason.NO_SUCH_TIME: "a time that the field's zone skipped when clocks went forward, or at which the zone does not use the given name (`PST` in July)",
    RejectReason.AMBIGUOUS_TIME: "a time that the field's zone had twice, when clocks went back",
}

DECISIONS: Mapping[Decision, str] = {
    Decision.TAKE: "it would be read and loaded",
    Decision.KNOWN: "it was loaded before, or skipped permanently",
    Decision.HELD: "it waits for a person",
    Decision.REPEATED_HOLD: "it would be held: the same bytes were loaded before",
    Decision.REPEATED_SKIP: "it would be skipped: the same bytes were loaded before",
    Decision.BEFORE_START: "last modified before the task's `start`",
    Decision.TOO_BIG: "it would be held: larger than `max_bytes`",
    Decision.BAD_LISTING: "it would be held: the store's listing lacks data about it, or contradicts itself",
    Decision.MARKER: "an object that consoles create for an empty folder",
    Decision.RENAMED: "it was created by this workflow's own rename",
    Decision.PATTERN: "its name does not match `pattern`",
    Decision.OURS: "a probe of Bucketlift",
    Decision.KEY_UNSTORABLE: "its key has a NUL or half of a surrogate pair, which no database can store; the run's log names the first one. Its owner must rename it",
}


VERIFY: Mapping[Kind, str] = {
    Kind.RECEIPT_MISSING: "the ledger has a receipt of the file, but the destination does not",
    Kind.RECEIPT_UNKNOWN: "the destination has a receipt that belongs to no file of the ledger",
    Kind.NO_RECEIPT: "the ledger marks the file as loaded, but has no receipt of one of its loads",
    Kind.ROWS_DIFFER: "an append load has more or fewer rows, by its lineage, than its receipt says; or a table without lineage has fewer rows than its loads inserted",
    Kind.UNFINISHED: "a run, an unload or a replay of mended rows started with the file, and no process is working on it",
    Kind.STILL_THERE: "the file was deleted or moved, but the same upload is still listed",
    Kind.OVERDUE: "the file's action was due more than a day ago, but its object still exists",
    Kind.COPY_MISSING: "the copy of a moved or renamed file is not in the archive",
    Kind.COPY_DIFFERS: "the copy has another size, or, with `--deep`, other bytes",
    Kind.NOT_CHECKED: "a destination, bucket or archive could not be checked",
}


UNFIT: Mapping[UnfitReason, str] = {
    UnfitReason.NOT_FILLED_IN: "a cell is still `<missing>`, or null in the JSON form",
    UnfitReason.MENDED_OTHERWISE: "the reject was mended and loaded before, with other cells",
}


def page() -> str:
    accept = {reason: "yes" if reason in ACCEPTABLE else "no" for reason in HeldReason}
    again = {reason: "yes" if reason in CONTRACT_REASONS else "no" for reason in HeldReason}
    held = [[code(each), HELD[each], accept[each], again[each]] for each in HeldReason]
    return markdown.page(
        "Reasons and decisions",
        "For the states of a file, see [states](../states.md).",
        "## Why a file is held",
        "`accept`: whether `bucketlift files accept` can load it anyway. `checked again`: whether the next run checks it "
        "again after a change of the contract or of `max_rejected`.",
        table(["reason", "means", "accept", "checked again"], held),
        "## Why an action is held",
        "The file is loaded; its object stays until a person retries or ignores the action.",
        table(["reason", "means"], [[code(name), text] for name, text in ACTION_HELD.items()]),
        "## Why a row is a reject",
        _meanings(RejectReason, REJECTS),
        "## Why a mended row is not loaded",
        "All reasons for rejects, and:",
        _meanings(UnfitReason, UNFIT),
        "## What `bucketlift verify` finds",
        table(
            ["difference", "means", "what to do"], [[code(each), VERIFY[each], HINTS[each]] for each in Kind]
        ),
        "## What a dry run decides about a key",
        _meanings(Decision, DECISIONS),
    )


def _meanings(kind: Iterable[E], words: Mapping[E, str]) -> str:
    return table(["word", "means"], [[code(each), words[each]] for each in kind])
