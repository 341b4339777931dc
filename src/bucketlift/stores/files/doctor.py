"""The doctor's checks of a folder or an SFTP server: the rights, and what replaces the versions that S3 has."""

from __future__ import annotations

from itertools import islice

from bucketlift.errors import BucketliftError, Transient
from bucketlift.model.account import FileAccount
from bucketlift.model.finding import Examination, Finding, Health
from bucketlift.model.source import (
    Honoured,
    ListedObject,
    Place,
    Precondition,
    Selection,
    SourceObject,
)
from bucketlift.model.workflow import AfterImport, Keep, Move, Rename
from bucketlift.ports import ObjectStore
from bucketlift.rules.naming import is_ours
from bucketlift.stores.files.port import Files

MOST = 1_000
"""Maximum number of files that are listed."""
_COPIED = "It is copied whole, and compared before and after"
_OF_A_FOLDER = f"A file is identified by path, size, time of change and inode. {_COPIED}"
_OF_A_SERVER = (
    f"A file is identified by path, size and time of change in whole seconds. {_COPIED}. A file that is replaced by one of "
    "the same size within the same second is not noticed"
)
_RENAME_IT = (
    "Let programs write a file under a name that no pattern selects, and rename it when it is complete."
)


def examine(
    store: ObjectStore,
    files: Files,
    account: FileAccount,
    selection: Selection | None,
    after_import: AfterImport,
) -> Examination:
    asked = selection if selection is not None and not selection.bucket else Selection(bucket="")
    found, sample = _listing(store, files, asked)
    if sample is not None or found[0].health is Health.OK:
        found += [_reading(store, files, sample), _identity(account)]
    honoured: dict[tuple[str, Precondition], Honoured] = {}
    if not isinstance(after_import, Keep):
        found += _acting(store, account, asked, after_import, honoured)
    return Examination(findings=tuple(found), honoured=honoured)


def _listing(
    store: ObjectStore, files: Files, selection: Selection
) -> tuple[list[Finding], ListedObject | None]:
    to = f"{files.name}/{selection.prefix}"
    try:
        listed = [each for each in islice(store.find(selection), MOST + 1) if not is_ours(each.key)]
    except BucketliftError as error:
        return [_failed("list", error)], None
    count = f"{MOST:,} and more" if len(listed) > MOST else f"{len(listed):,}"
    found = [_finding("list", Health.OK, f"{count} under {to}")]
    try:
        skipped = files.skipped(selection.prefix.rpartition("/")[0])
    except (BucketliftError, FileNotFoundError):
        skipped = 0
    if skipped:
        what = f"{skipped:,} entries of the folder are left out: they are symbolic links, pipes or devices"
        hint = (
            "Put the files themselves there. Links are not followed, because they can lead out of the folder."
        )
        found.append(_finding("links", Health.WARNING, what, hint))
    return found, next((each for each in listed if each.size), None)


def _identity(account: FileAccount) -> Finding:
    if account.kind == "folder":
        return _finding("identity", Health.OK, _OF_A_FOLDER)
    return _finding("identity", Health.WARNING, _OF_A_SERVER, _RENAME_IT)


def _reading(store: ObjectStore, files: Files, sample: ListedObject | None) -> Finding:
    if sample is None:
        return _finding("get", Health.UNKNOWN, "There is no file yet that could be read")
    source = SourceObject(
        store=store.store, bucket="", key=sample.key, etag=sample.etag, size=sample.size, occurrence=1
    )
    try:
        with store.open(source) as body:
            body.read(1)
    except BucketliftError as error:
        return _failed("get", error)
    return _finding("get", Health.OK, f"The first byte of {files.name}/{sample.key}")


def _acting(
    store: ObjectStore,
    account: FileAccount,
    selection: Selection,
    after_import: AfterImport,
    honoured: dict[tuple[str, Precondition], Honoured],
) -> list[Finding]:
    at = Place(bucket="", key=selection.prefix)
    to = Place(bucket="", key=after_import.prefix) if isinstance(after_import, Move) else at
    found = [_writing(store, "write", at, honoured)]
    if isinstance(after_import, Move | Rename) and to != at:
        found.append(_writing(store, "write to the target", to, honoured))
    honoured["", Precondition.DELETE] = Honoured.NO
    what = (
        "A file is renamed to a private name, compared, and then deleted. This is no conditional delete: bytes that a "
        "program writes to the open file at that moment are lost"
    )
    if account.accept_weak_store:
        found.append(
            _finding("delete", Health.WARNING, f"{what}. The account accepts this (accept_weak_store)")
        )
        return found
    hint = (
        "If no program changes complete files, set accept_weak_store: true on the account. Or keep the files."
    )
    found.append(_finding("delete", Health.IGNORED, what, hint))
    return found


def _writing(
    store: ObjectStore, check: str, at: Place, honoured: dict[tuple[str, Precondition], Honoured]
) -> Finding:
    """Check whether Bucketlift can create and remove files in a folder, and whether a new file overwrites an
    existing one.
    """
    folder = at.key.rpartition("/")[0] or "the account's folder"
    try:
        answer = store.probe(Precondition.COPY_CREATE, at)
    except BucketliftError as error:
        return _failed(check, error)
    honoured["", Precondition.COPY_CREATE] = answer
    if answer is Honoured.YES:
        return _finding(check, Health.OK, f"Allowed in {folder}; a new file overwrites nothing")
    if answer is Honoured.DENIED:
        hint = "Grant the user who runs Bucketlift, or the account's user, the right to write to this folder."
        return _finding(check, Health.MISSING, f"No right to write to {folder}", hint)
    return _finding(
        check, Health.IGNORED, f"A new file in {folder} overwrites an existing one", "Keep the files."
    )


def _failed(check: str, error: BucketliftError) -> Finding:
    health = Health.UNKNOWN if isinstance(error, Transient) else Health.MISSING
    return _finding(check, health, f"{error.what}: {error.to}", error.hint)


def _finding(check: str, health: Health, what: str, hint: str = "") -> Finding:
    return Finding(check=check, health=health, what=what, hint=hint)
