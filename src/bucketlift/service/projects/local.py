"""Reads a local file for a Python program, decrypted and decompressed as in a workflow."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bucketlift.codecs.allowance import Allowance
from bucketlift.codecs.mail_text import RecordForm
from bucketlift.codecs.pgp import Keyring
from bucketlift.codecs.unpack import Packing, unpacked
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, FileType
from bucketlift.model.hold import Hold
from bucketlift.model.packing import Bounds
from bucketlift.service.projects.local_format import LocalFormat
from bucketlift.service.secrets.openers import opener_of_file
from bucketlift.tabular.read import local
from bucketlift.tabular.read.local import Location, Reading, held


def read_file(  # noqa: PLR0913 - each of them by its name
    path: Location,
    *,
    contract: Contract | Mapping[str, Any] | None = None,
    sample: Location | None = None,
    columns: Sequence[str] | None = None,
    dialect: Mapping[str, Any] | None = None,
    fields: Mapping[str, Any] | None = None,
    archive: Mapping[str, Any] | None = None,
    file_type: str = "csv",
    max_rejected: int | str | None = 0,
    pgp_key: Location | None = None,
    pgp_passphrase: str = "",
) -> Reading:
    """Read a CSV or TSV file exactly, in the same way as a workflow.

    The file must match the contract, or the columns of a sample file or of a list; without these, the file's
    own header gives the fields. ``dialect``, ``fields``, ``archive`` and ``contract`` take the keys of a
    workflow file; a ``Contract`` replaces all of them. ``file_type`` is ``csv`` or ``tsv``. ``max_rejected``
    is a number of rows, a percentage such as ``"1%"``, or None for no limit. Rows that do not fit in memory
    are kept in a temporary file while they are used.

    Compression is detected by the first bytes. ``pgp_key`` is a file with the exported private key that
    decrypts the file; files that are not encrypted can still be read.

    Raises:
        FileHeld: the whole file is refused; the error's ``reason`` is one word.
        RequestWrong: the file, the sample or the key cannot be read, or the arguments are not valid together.
        NeedsPerson: a key is given, but gpg is not installed.
    """
    source = Path(path)
    arguments = {
        "contract": contract,
        "columns": columns,
        "dialect": dialect,
        "fields": fields,
        "archive": archive,
    }
    wanted_format = LocalFormat.of(arguments, sample, _file_type(file_type))
    refuse_unreadable(source)
    opener = None if pgp_key is None else opener_of_file(Path(pgp_key), pgp_passphrase)
    packing = Packing(
        keyring=None if opener is None else lambda: Keyring(openers=(opener,)),
        in_mail=opener is not None,
        form=RecordForm.of(wanted_format.contract),
        archive=wanted_format.archive,
    )
    bounds = Allowance.of(source.stat().st_size, Bounds(), max_bytes=None, check_cancelled=not_cancelled)
    with (
        tempfile.TemporaryDirectory(prefix="bucketlift-") as folder,
        unpacked(source, packing, bounds, beside=Path(folder)) as plain,
    ):
        if isinstance(plain, Hold):
            raise held(source, plain)
        wanted = wanted_format.contract_for(plain.parts[0])
        if isinstance(wanted, Hold):
            raise held(source, wanted)
        found = local.read_file(plain.parts, named=source, contract=wanted, max_rejected=max_rejected)
        return replace(found, notes=plain.notes + found.notes)


def _file_type(word: str) -> FileType:
    if word not in list(FileType):
        raise RequestWrong("Unknown file type", to=word, hint="Use csv or tsv.")
    return FileType(word)


def refuse_unreadable(path: Path) -> None:
    """Check that a file can be opened. Call this for all files before the first one is read.

    Raises:
        RequestWrong: the file cannot be opened.
    """
    try:
        with path.open("rb"):
            return
    except OSError as error:
        raise RequestWrong(
            f"The file cannot be read ({error.strerror})",
            to=str(path),
            hint="Check the path and its permissions.",
        ) from error


def not_cancelled() -> None:
    """Do nothing: reading a local file cannot be cancelled."""
