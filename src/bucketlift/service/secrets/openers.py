"""Keys that local files are opened with, outside of any task."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bucketlift.codecs.pgp import Opener
from bucketlift.codecs.pgp_keys import read_key
from bucketlift.errors import RequestWrong
from bucketlift.model.pgp import KeyKind

if TYPE_CHECKING:
    # An installation's parts are heavy, and a program that reads a local file needs none of them.
    from bucketlift.service.core.app import App


def opener_of_file(path: Path, passphrase: str = "") -> Opener:
    """A private key as it was exported. It opens files after its own end too: somebody chose it.

    Raises:
        RequestWrong: the file cannot be read, holds no such key, or its passphrase is another one.
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
            "No file can be opened with this key",
            to=str(path),
            hint="Give the private key: gpg --armor --export-secret-keys NAME.",
        )
    return Opener(name=path.name, fingerprint=found.fingerprint, private=found.private)


def opener_of_vault(app: App, name: str) -> Opener:
    """A key of this installation, as its tasks use it: a file for an expired one is held.

    Raises:
        NotFound: there is none of this name.
        RequestWrong: it is a sender's.
    """
    key = app.ledger.keys.get(name)
    if key.kind is not KeyKind.DECRYPT:
        raise RequestWrong("No file can be opened with a sender's key", to=name, hint="Name one of your own.")
    return Opener(
        name=key.name,
        fingerprint=key.fingerprint,
        private=app.vault.private_key(key.name),
        expired=key.expired(app.now()),
    )
