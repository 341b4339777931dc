"""A sender with a real gpg: makes keys, and files that are encrypted, signed, and broken in chosen ways."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ABSENT = shutil.which("gpg") is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A keyring of its own."""

    home: Path

    def gpg(self, *options: str, given: bytes = b"") -> bytes:
        ended = self.run(*options, given=given)
        assert ended.returncode == 0, ended.stderr.decode()
        return ended.stdout

    def run(self, *options: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["gpg", "--quiet", "--batch", "--yes", "--no-tty", "--trust-model", "always", *options],
            input=given,
            capture_output=True,
            check=False,
            env={**os.environ, "GNUPGHOME": str(self.home), "LC_ALL": "C"},
        )

    def make_key(
        self, name: str, *, expires: str = "1y", passphrase: str = "", when: str | None = None
    ) -> None:
        """A key that signs and opens, made ``when`` (ISO 8601 basic) by a clock set so."""
        protection = f"Passphrase: {passphrase}\n" if passphrase else ""
        bare = "" if passphrase else "%no-protection\n"
        clock = ("--faked-system-time", when) if when else ()
        self.gpg(
            *clock,
            "--pinentry-mode",
            "loopback",
            "--full-generate-key",
            given=(
                f"{bare}Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ECDH\n"
                f"Subkey-Curve: cv25519\nSubkey-Usage: encrypt\nName-Real: {name}\nExpire-Date: {expires}\n{protection}%commit\n"
            ).encode(),
        )

    def take(self, key: str | bytes) -> None:
        self.gpg("--import", given=key.encode() if isinstance(key, str) else key)

    def public(self, name: str) -> bytes:
        """Of the key of that whole name: others that were taken may begin with it."""
        return self.gpg("--armor", "--export", f"={name}")

    def private(self, name: str, passphrase: str = "") -> bytes:
        return self.gpg(
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            passphrase,
            "--armor",
            "--export-secret-keys",
            f"={name}",
        )

    def encrypt(
        self, content: bytes, *recipients: str, sign: str | None = None, options: tuple[str, ...] = ()
    ) -> bytes:
        signed = ("--sign", "--local-user", sign) if sign else ()
        wanted = [word for each in recipients for word in ("--recipient", each)]
        return self.gpg(*options, *signed, "--encrypt", *wanted, given=content)

    def stop(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "gpg-agent"], check=False)
