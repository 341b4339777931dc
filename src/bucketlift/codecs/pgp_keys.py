"""Creates keys with gpg and reads imported keys, in a temporary home."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Literal

from bucketlift.codecs.gpg import Gpg, gpg_home
from bucketlift.errors import OurFault, RequestWrong

Algorithm = Literal["rsa4096", "ed25519"]
_ALGORITHMS: dict[Algorithm, str] = {
    "rsa4096": "Key-Type: RSA\nKey-Length: 4096\nKey-Usage: sign\n"
    "Subkey-Type: RSA\nSubkey-Length: 4096\nSubkey-Usage: encrypt\n",
    "ed25519": "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\n"
    "Subkey-Type: ECDH\nSubkey-Curve: cv25519\nSubkey-Usage: encrypt\n",
}
_EMAIL = re.compile(r"[^\s<>@\x00-\x20]+@[^\s<>@\x00-\x20]+")
_EXPIRES = re.compile(r"[1-9][0-9]{0,3}[dwmy]")
LARGEST = 1 << 20
"""Maximum bytes of a key file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMaterial:
    """A PGP key as gpg reports it. ``private`` is None for a public key."""

    fingerprint: str
    user_id: str
    expires_at: datetime | None
    opens: bool
    """Whether files can be encrypted for the key."""
    signs: bool
    revoked: bool
    public: str
    private: str | None = field(repr=False)


def create(
    folder: Path, *, name: str, email: str | None, expires: str | None, algorithm: Algorithm
) -> KeyMaterial:
    """Create a key for encrypted files. ``name`` must follow the rules for names in workflow files.

    Raises:
        RequestWrong: the address or the expiry is invalid.
        NeedsPerson: gpg is not installed.
    """
    if email is not None and not _EMAIL.fullmatch(email):
        raise RequestWrong(
            "Not an e-mail address", to="--email", hint="Write an address such as hr@example.com."
        )
    if expires is not None and not _EXPIRES.fullmatch(expires):
        raise RequestWrong("Not a valid expiry time", to=expires, hint="Write 2y, 18m, 52w or 90d, or never.")
    asked = f"%no-protection\n{_ALGORITHMS[algorithm]}Name-Real: {name}\n"
    asked += f"Name-Email: {email}\n" if email else ""
    asked += f"Expire-Date: {expires or 0}\n%commit\n"
    with gpg_home(folder) as gpg:
        made = gpg.call("--full-generate-key", given=asked.encode())
        if "KEY_CREATED" not in made.statuses:
            raise OurFault("gpg did not create the key", to=name)
        return _material(gpg)


def read_key(folder: Path, content: bytes, *, passphrase: str = "") -> KeyMaterial:
    """Read the key in a file, private or public. A private key is returned without its passphrase.

    Raises:
        RequestWrong: the file contains no key or several, or the passphrase is wrong.
        NeedsPerson: gpg is not installed.
    """
    if len(content) > LARGEST:
        raise RequestWrong("The file is too large for a key", hint="Export a single key.")
    with gpg_home(folder) as gpg:
        gpg.call("--import-options", "no-keep-ownertrust", "--import", given=content)
        fingerprints = _fingerprints(gpg)
        if len(fingerprints) != 1:
            found = "no key" if not fingerprints else f"{len(fingerprints)} keys"
            raise RequestWrong(
                f"The file contains {found}",
                hint="Use the export of one key: gpg --armor --export, or --export-secret-keys.",
            )
        if "sec" in _kinds(gpg):
            _unprotect(gpg, fingerprints[0], passphrase)
        return _material(gpg)


def _unprotect(gpg: Gpg, fingerprint: str, passphrase: str) -> None:
    """Remove the passphrase of a key. The vault encrypts the key, and runs without a person cannot enter a
    passphrase.
    """
    if _private(gpg, fingerprint) is not None:
        return
    if not passphrase:
        raise RequestWrong(
            "The private key is protected by a passphrase",
            hint="Enter the passphrase as a line on standard input, or name the variable with the passphrase: --passphrase-env NAME.",
        )
    # gpg asks for the old one, then for the new one of each part: an empty line each.
    answers = f"{passphrase}\n" + "\n" * 32
    gpg.call(
        "--pinentry-mode",
        "loopback",
        "--command-fd",
        "0",
        "--passwd",
        "--",
        fingerprint,
        given=answers.encode(),
    )
    if _private(gpg, fingerprint) is None:
        raise RequestWrong(
            "The passphrase does not open the private key",
            hint="Check whether the passphrase belongs to another key.",
        )


def _material(gpg: Gpg) -> KeyMaterial:
    (fingerprint,) = _fingerprints(gpg)
    rows = _rows(gpg, "--list-keys")
    primary = next(row for row in rows if row[0] == "pub")
    user_id = next((row[9] for row in rows if row[0] == "uid" and row[1] not in ("r", "e")), "")
    secret = "sec" in _kinds(gpg)
    usable = [row for row in rows if row[0] in ("pub", "sub") and row[1] not in ("r", "i", "d", "n")]
    return KeyMaterial(
        fingerprint=fingerprint,
        user_id=_unescaped(user_id),
        expires_at=_expiry(primary, usable, "e" if secret else "s"),
        opens=any("e" in row[11] for row in usable),
        signs=any("s" in row[11] for row in usable),
        revoked=primary[1] == "r",
        public=gpg.call("--armor", "--export").out.decode("ascii"),
        private=_private(gpg, fingerprint) if secret else None,
    )


def _private(gpg: Gpg, fingerprint: str) -> str | None:
    """The private key without a passphrase; None if a passphrase protects it."""
    exported = gpg.call("--armor", "--export-secret-keys", "--", fingerprint)
    return exported.out.decode("ascii") if exported.code == 0 and exported.out else None


def _expiry(primary: list[str], usable: list[list[str]], use: str) -> datetime | None:
    """The time at which the key, or its last subkey for this use, expires. The earlier of the two is
    returned.
    """
    parts = [row[6] for row in usable if use in row[11]]
    ends = [int(primary[6])] if primary[6] else []
    if parts and all(parts):
        ends.append(max(map(int, parts)))
    return datetime.fromtimestamp(min(ends), UTC) if ends else None


def _fingerprints(gpg: Gpg) -> list[str]:
    rows = _rows(gpg, "--list-keys")
    return [after[9] for row, after in pairwise(rows) if row[0] == "pub" and after[0] == "fpr"]


def _kinds(gpg: Gpg) -> set[str]:
    return {row[0] for row in _rows(gpg, "--list-secret-keys")}


def _rows(gpg: Gpg, what: str) -> list[list[str]]:
    """The machine-readable listing of gpg (doc/DETAILS), as rows of fields. The first field is the kind of
    the row.
    """
    out = gpg.call("--with-colons", "--fixed-list-mode", "--with-fingerprint", what).out.decode(
        "utf-8", "replace"
    )
    return [(line + ":" * 20).split(":") for line in out.splitlines()]


def _unescaped(text: str) -> str:
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), text)
