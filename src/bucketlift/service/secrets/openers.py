"""Keys that decrypt local files without a task."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bucketlift.codecs.pgp import Opener
from bucketlift.codecs.pgp_keys import read_key
from bucketlift.errors import RequestWrong
from bucketlift.model.pgp import KeyKind

if TYPE_CHECKING:
    # Importing an installation is slow, and reading a local file does not need one.
    from bucketlift.service.core.app import App


def opener_of_file(path: Path, passphrase: str = "") -> Opener:
    """An exported private key, read from a file. An expired key is accepted, because the user chose it.

    Raises:
        RequestWrong: the file cannot be read, has no private key, or the passphrase is wrong.
        NeedsPerson: gpg is not installed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RequestWrong(f"The key cannot be read ({error.strerror})", to=str(path)) from None
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        found = read_key(Path(folder), content, passphrase=passphrase)
    if found.private is None or not found.opens:
        raise RequestWrong(
            "Files cannot be decrypted with this key",
            to=str(path),
            hint="Export the private key: gpg --armor --export-secret-keys NAME.",
        )
    return Opener(name=path.name, fingerprint=found.fingerprint, private=found.private)


def opener_of_vault(app: App, name: str) -> Opener:
    """The key of this installation with this name. If the key has expired, files that only this key decrypts
    are held, in the same way as in a workflow.

    Raises:
        NotFound: there is no such key.
        RequestWrong: the key is a sender's key.
    """
    key = app.ledger.keys.get(name)
    if key.kind is not KeyKind.DECRYPT:
        raise RequestWrong(
            "Files cannot be decrypted with a sender's key", to=name, hint="Use one of your own keys."
        )
    return Opener(
        name=key.name,
        fingerprint=key.fingerprint,
        private=app.vault.private_key(key.name),
        expired=key.expired(app.now()),
    )
