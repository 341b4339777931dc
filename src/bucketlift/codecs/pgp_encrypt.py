"""Encrypts a file with gpg for recipients whose public keys are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bucketlift.codecs.gpg import gpg_home
from bucketlift.errors import NeedsPerson, OurFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A key that files are encrypted for."""

    name: str
    fingerprint: str
    public: str
    """The public key, armoured."""


def encrypt(plain: Path, to: Path, recipients: Sequence[Recipient], *, compress: bool) -> None:
    """Encrypt a file to a new file that each of the recipients can read.

    Raises:
        NeedsPerson: gpg is not installed, or a key cannot be encrypted for: it is expired, revoked or only signs.
        OSError: there is no space for the output.
    """
    with gpg_home(to.parent) as gpg:
        for each in recipients:
            if "IMPORT_OK" not in gpg.call("--import", given=each.public.encode()).statuses:
                raise OurFault("gpg refuses a key that it accepted before", to=f"key {each.name}")
        ran = gpg.encrypt(plain, to, [each.fingerprint for each in recipients], compress=compress)
    refused = {arguments[1] for arguments in ran.statuses.of("INV_RECP") if len(arguments) > 1}
    for each in recipients:
        if each.fingerprint in refused:
            raise NeedsPerson(
                "Files cannot be encrypted for this key: it is expired, revoked, or only signs",
                to=f"key {each.name}",
                hint="Ask its owner for a valid key, and import it: `bucketlift keys import NAME FILE`.",
            )
    if ran.code != 0 or "END_ENCRYPTION" not in ran.statuses:
        raise OurFault(f"gpg did not encrypt the file (exit code {ran.code})")
