"""A local file read by a Python program, decrypted and decompressed as a workflow would."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bucketlift.codecs.allowance import Allowance
from bucketlift.codecs.pgp import Keyring
from bucketlift.codecs.unpack import Packing, unpacked
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, FileType, Hold
from bucketlift.model.packing import Bounds
from bucketlift.service.projects.local_format import Asked
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
    """Read a CSV or TSV file exactly, as a workflow would.

    It must meet the contract, or have the columns of a sample file or of a list; without any of them it is held to its
    own header. ``dialect``, ``fields``, ``archive`` and ``contract`` say how it is written in the words of a workflow file;
    a ``Contract`` says all of that itself. ``file_type`` is ``csv`` or ``tsv``. ``max_rejected`` is a number of rows, a
    share such as ``"1%"``, or None for any number. What is too big for memory stays in a temporary file for as long as
    the rows are in use.

    Compressed files are known by their first bytes. ``pgp_key`` is a file with the exported private key for which
    the file is encrypted; then plain files are read too.

    Raises:
        FileHeld: the file as a whole is refused; its ``reason`` is one word.
        RequestWrong: the file, the sample or the key cannot be read, or the arguments are wrong or do not fit together.
        NeedsPerson: a key is given, and gpg is not installed.
    """
    source = Path(path)
    said = {
        "contract": contract,
        "columns": columns,
        "dialect": dialect,
        "fields": fields,
        "archive": archive,
    }
    asked = Asked.of(said, sample, _file_type(file_type))
    refuse_unreadable(source)
    opener = None if pgp_key is None else opener_of_file(Path(pgp_key), pgp_passphrase)
    packing = Packing(
        keyring=None if opener is None else lambda: Keyring(openers=(opener,)),
        required=False,
        archive=asked.archive,
    )
    bounds = Allowance.of(source.stat().st_size, Bounds(), max_bytes=None, check_cancelled=unheeded)
    with (
        tempfile.TemporaryDirectory(prefix="bucketlift-") as folder,
        unpacked(source, packing, bounds, beside=Path(folder)) as plain,
    ):
        if isinstance(plain, Hold):
            raise held(source, plain)
        wanted = asked.contract_for(plain.parts[0])
        if isinstance(wanted, Hold):
            raise held(source, wanted)
        found = local.read_file(plain.parts, named=source, contract=wanted, max_rejected=max_rejected)
        return replace(found, notes=plain.notes + found.notes)


def _file_type(word: str) -> FileType:
    if word not in list(FileType):
        raise RequestWrong("There is no such file type", to=word, hint="Use csv or tsv.")
    return FileType(word)


def refuse_unreadable(path: Path) -> None:
    """Tell now what would only come to light while others are read.

    Raises:
        RequestWrong: the file cannot be opened.
    """
    try:
        with path.open("rb"):
            return
    except OSError as error:
        raise RequestWrong("The file cannot be read", to=str(path), hint=f"{error.strerror}.") from error


def unheeded() -> None:
    """Nobody can cancel this but by ending the command."""
