"""Why a file waits, why a row was rejected, why a key was not taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from bucketlift.model.contract import CONTRACT_REASONS, HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.mending import UnfitReason
from bucketlift.model.rows import RejectReason
from bucketlift.rules.take import Decision
from bucketlift.service.files.files import ACCEPTABLE
from bucketlift.service.verify.difference import HINTS, Kind
from tools.pages import markdown
from tools.pages.markdown import code, table

E = TypeVar("E", bound=StrEnum)

FILE_STATES: Mapping[FileState, str] = {
    FileState.FOUND: "seen in a listing; the ledger does not know it yet",
    FileState.CLAIMED: "taken by a run",
    FileState.STAGED: "read exactly, checked, ready to load",
    FileState.COMMITTED: "every chosen loader has its rows and a receipt",
    FileState.ACTING: "its delete, move or rename is under way",
    FileState.DONE: "loaded, and its action is done (or it is kept)",
    FileState.HELD: "not loaded, or unloaded again: it waits for a person, in place",
    FileState.ACTION_HELD: "loaded; its delete, move or rename waits for a person",
    FileState.RETRYING: "the next run tries it again",
    FileState.SKIPPED: "not loaded, by a condition, a policy or a person",
    FileState.GONE: "no longer in the bucket, and not loaded",
    FileState.SUPERSEDED: "overwritten before it was read",
    FileState.ARCHIVED_TIER: "in an archive tier: it must be restored before it can be read",
}

HELD: Mapping[HeldReason, str] = {
    HeldReason.EMPTY: "the object has no byte",
    HeldReason.NO_HEADER: "there is no header row, or it names none of the sample's columns",
    HeldReason.WRONG_DELIMITER: "the cells are separated by another delimiter than the task's",
    HeldReason.DOUBTFUL_HEADER: "no sample names the columns, and the first row holds data instead of names",
    HeldReason.UNEXPECTED_LINES: "the lines above the table lack a text of `expect`",
    HeldReason.ROWS_BELOW_HEADER: "the first records differ from all below them: units, types, questions or a second header",
    HeldReason.PREAMBLE: "lines stand above the header, or where lines are to be skipped a record may stand",
    HeldReason.UNEXPECTED_HEADER: "the task's files have no header (`header: false`), and this one begins with one",
    HeldReason.WRONG_ENCODING: "a byte is no character of the task's encoding, or the file has the mark of another one",
    HeldReason.DOUBTFUL_ENCODING: "each byte can be read in the task's encoding, and the file looks like another one",
    HeldReason.DOUBTFUL_ESCAPES: "backslashes look like the escapes of a database's export, and the task reads them as content",
    HeldReason.DOUBTFUL_QUOTES: "the cells stand in quotes of another kind than the task's, such as single quotes",
    HeldReason.DOUBTFUL_FOOTER: "the last records look like totals, counts or trailers, and the task names no `footer`",
    HeldReason.NOT_UTF8: "a byte is not UTF-8; its offset is told, and UTF-16 is recognised",
    HeldReason.MISSING_COLUMN: "a column of the sample is not there",
    HeldReason.RENAMED_COLUMN: "one column is missing and one is new, and their names are alike",
    HeldReason.EXTRA_COLUMN: "there is a column that the sample does not have",
    HeldReason.DUPLICATE_COLUMN: "a column's name is there twice",
    HeldReason.BLANK_COLUMN: "a column has no name",
    HeldReason.REORDERED_COLUMNS: "the columns are in another order, and the contract says `reordered: hold`",
    HeldReason.RESPELLED_COLUMNS: "names differ by case or blanks, and the contract says `respelled: hold`",
    HeldReason.BROKEN_HEADER: "the header row breaks a rule of framing",
    HeldReason.TOO_MANY_REJECTS: "more rows are rejects than `max_rejected` allows",
    HeldReason.REPEATED_BYTES: "the same bytes were loaded from this key before (`repeats: hold`)",
    HeldReason.TOO_BIG: "the object is larger than `max_bytes`",
    HeldReason.ARCHIVED_TIER: "the object must be restored from its archive tier first",
    HeldReason.BAD_LISTING: "the store's listing has no usable ETag, Size or LastModified for the object, or names it twice with different ones",
    HeldReason.NOT_AS_LISTED: "two runs found another object, or none, where the listing shows this one: the store contradicts itself",
    HeldReason.CUSTOMER_KEY: "it is encrypted with a key that its writer keeps (SSE-C), so it cannot be read",
    HeldReason.NO_READ_PERMISSION: "the object may not be read; the next run tries again by itself",
    HeldReason.DESTINATION_REFUSED: "the destination refused the rows of this very file",
    HeldReason.ROWS_NOT_KEPT: "the table dropped, replaced or moved rows of the file (a conflict clause, trigger or"
    " rule of the table did it); the load was undone",
    HeldReason.KEY_TOO_LONG: "its key after a move or rename would be longer than S3 takes",
    HeldReason.MEMBER_HELD: "another file of the replace unit is held, so the unit waits",
    HeldReason.LOADER_REMOVED: "a load task it was to go to was taken out of the workflow before it had loaded it",
    HeldReason.UNKNOWN_RECEIPT: "the destination has a receipt of it that the ledger knows nothing of",
    HeldReason.POISON: "five times the worker died while it worked on this file alone",
    HeldReason.ASKED: "a person put it on hold",
    HeldReason.UNLOADING: "its rows are being taken out again, or that broke off: repeat `bucketlift files unload`",
    HeldReason.UNLOADED: "a person had its rows taken out again; `bucketlift files reload` loads it anew",
    HeldReason.ENCRYPTED: "it is encrypted with PGP, and the task has no `pgp`",
    HeldReason.NOT_ENCRYPTED: "it is not encrypted with PGP, and the task requires it",
    HeldReason.SIGNED: "it is signed with PGP, and the task has no `pgp: {signed: accept}`; or it is a signature alone",
    HeldReason.WRONG_PASSPHRASE: "the passphrase of `pgp: symmetric` does not open it",
    HeldReason.OTHER_KEY: "it is encrypted for no key of the task; the keys it names are told",
    HeldReason.KEY_EXPIRED: "it is encrypted for a key of the task that has expired",
    HeldReason.NO_INTEGRITY: "the message has no integrity protection",
    HeldReason.PGP_DAMAGED: "the message is damaged, cut off, or was changed on its way",
    HeldReason.SEVERAL_MESSAGES: "there is more than one message, or other bytes follow it",
    HeldReason.NOT_SIGNED: "it is not signed, and the task requires a signature",
    HeldReason.SIGNATURE_REFUSED: "its signature is wrong, by nobody whom the task names, or of a key that is expired or revoked",
    HeldReason.COMPRESSION_DAMAGED: "the compressed data is damaged, cut off, or followed by other bytes",
    HeldReason.COMPRESSION_REFUSED: "it is packed in a way that cannot be read, or not as the task says",
    HeldReason.ZIP_ENTRIES: "a zip with no file, or with several where the task says `zip: one`",
    HeldReason.UNPACKS_TOO_BIG: "it would come to more bytes than the operator allows",
    HeldReason.UNPACKS_TOO_LONG: "decrypting or decompressing it took too long",
}

ACTION_HELD: Mapping[str, str] = {
    "collision": "other bytes are where the copy should go",
    "weak-store": "the store ignores a precondition that keeps newer bytes safe",
    "no-right": "the role may not copy or delete",
    "object-lock": "object lock, a legal hold or a write-once store keeps the object",
    "other-store": "the account reaches another store than the one the file was loaded from",
    "task-removed": "the workflow no longer has the extract task that loaded the file",
    "action-refused": "the store refuses the copy or delete",
    "not-as-listed": "the store said that the object was replaced, and its listing still shows the object that was loaded",
    "receipt-missing": "the destination no longer has the receipt: the rows may be gone",
    "key-too-long": "the key of the copy would be longer than S3 takes",
    "asked": "a person put it on hold",
}

REJECTS: Mapping[RejectReason, str] = {
    RejectReason.WIDTH: "another number of fields than the header",
    RejectReason.BARE_QUOTE: "a quote in the middle of a field",
    RejectReason.UNTERMINATED_QUOTE: "a quote that opens and never closes",
    RejectReason.INSIDE_BROKEN_RECORD: "a line that may be part of a cell of a broken record",
    RejectReason.LONE_CR: "a carriage return without a line feed",
    RejectReason.OTHER_LINE_END: "outside quotes, a line end other than the task's `line_end`",
    RejectReason.NUL: "a NUL byte",
    RejectReason.BLANK_LINE: "a blank line in a file of one column",
    RejectReason.BAD_ESCAPE: "an escape before what needs none: what it should mean is not known",
    RejectReason.EMPTY_ROW: "a row of several cells that are all empty or hold blanks only; `empty_rows` says what becomes of them",
    RejectReason.TRAILING_CONTROLS: "control characters at the end of the file, such as Ctrl-Z or a form feed",
    RejectReason.PAGE_BREAK: "a form feed before the row: a printed page begins there",
    RejectReason.UNNAMED_CELL: "a value in a column without a name, where `blank: ignore` leaves such columns out",
    RejectReason.REPEATED_HEADER: "the header row again",
    RejectReason.BELOW_SECOND_HEADER: "below a header row that came again after data: a second table",
    RejectReason.TOO_LONG: "longer than the 128 MiB that a record may have",
    RejectReason.KEY_TWICE: "an upsert's key that is in the file more than once",
    RejectReason.KEY_EMPTY: "an upsert's key without a value",
    RejectReason.NOT_AN_INTEGER: "not a whole number as the field's type reads it",
    RejectReason.NOT_A_DECIMAL: "not a decimal number as the field's type reads it",
    RejectReason.NOT_A_DATE: "not a date as the field's format writes it, or no day of the calendar",
    RejectReason.NOT_A_TIMESTAMP: "not a timestamp as the field's format writes it, or no day or time that exists",
    RejectReason.NOT_A_BOOLEAN: "none of the field's words for true and false",
    RejectReason.OUT_OF_RANGE: "a number or time beyond what the field's type holds",
    RejectReason.TOO_PRECISE: "more digits behind the point than the field's type keeps; nothing is rounded",
    RejectReason.NO_SUCH_TIME: "a time that the field's zone skipped, when clocks were put forward, or at which it does not use the name beside it (`PST` in July)",
    RejectReason.AMBIGUOUS_TIME: "a time that the field's zone had twice, when clocks were put back",
}

DECISIONS: Mapping[Decision, str] = {
    Decision.TAKE: "it would be read and loaded",
    Decision.KNOWN: "it was loaded before, or skipped for good",
    Decision.HELD: "it waits for a person",
    Decision.REPEATED_HOLD: "it would be held: the same bytes were loaded before",
    Decision.REPEATED_SKIP: "it would be skipped: the same bytes were loaded before",
    Decision.BEFORE_START: "last modified before the task's `start`",
    Decision.TOO_BIG: "it would be held: larger than `max_bytes`",
    Decision.BAD_LISTING: "it would be held: the store's listing says too little of it, or contradicts itself",
    Decision.MARKER: "what consoles make for an empty folder",
    Decision.RENAMED: "this workflow's own rename made it",
    Decision.PATTERN: "its name does not fit `pattern`",
    Decision.OURS: "a probe of Bucketlift's own",
    Decision.KEY_UNSTORABLE: "its key holds a NUL or half of a surrogate pair, which no database keeps; the run's log"
    " names the first. Its owner must rename it",
}


VERIFY: Mapping[Kind, str] = {
    Kind.RECEIPT_MISSING: "the ledger has a receipt of the file, and the destination has not",
    Kind.RECEIPT_UNKNOWN: "the destination has a receipt that no file of the ledger explains",
    Kind.NO_RECEIPT: "the ledger calls the file loaded, and has no receipt of one of its loads",
    Kind.ROWS_DIFFER: "more or fewer rows stand under an append load's lineage than its receipt says; or a table without"
    " lineage has fewer rows than its loads inserted",
    Kind.UNFINISHED: "a run, an unload or a replay of mended rows began with the file, and nobody is at it",
    Kind.STILL_THERE: "the file was deleted or moved, and the same upload is still listed",
    Kind.OVERDUE: "the file's action was due more than a day ago, and its object is still there",
    Kind.COPY_MISSING: "the copy of a moved or renamed file is not in the archive",
    Kind.COPY_DIFFERS: "the copy has another size, or with `--deep` other bytes",
    Kind.NOT_CHECKED: "a destination, bucket or archive could not be looked at",
}


UNFIT: Mapping[UnfitReason, str] = {
    UnfitReason.NOT_FILLED_IN: "a cell still says `<missing>`, or is null in the JSON form",
    UnfitReason.MENDED_OTHERWISE: "the reject was mended and loaded before, with other cells",
}


def page() -> str:
    accept = {reason: "yes" if reason in ACCEPTABLE else "no" for reason in HeldReason}
    again = {reason: "yes" if reason in CONTRACT_REASONS else "no" for reason in HeldReason}
    held = [[code(each), HELD[each], accept[each], again[each]] for each in HeldReason]
    return markdown.page(
        "Reasons and decisions",
        "What each state means is in [states](../states.md).",
        "## Why a file is held",
        "`accept`: whether `bucketlift files accept` can load it all the same. `judged again`: whether a new version of the "
        "contract, or of `max_rejected`, judges it again by itself.",
        table(["reason", "means", "accept", "judged again"], held),
        "## Why an action is held",
        "The file is loaded; its object stays until somebody retries or ignores the action.",
        table(["reason", "means"], [[code(name), text] for name, text in ACTION_HELD.items()]),
        "## Why a row is a reject",
        _meanings(RejectReason, REJECTS),
        "## Why a mended row is not loaded",
        "What makes a record a reject, and",
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
