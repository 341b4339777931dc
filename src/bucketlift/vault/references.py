"""Reads secrets that are stored outside the vault: in an environment variable or a file."""

from __future__ import annotations

import os
from pathlib import Path

from bucketlift.errors import SecretUnreadable


def from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise SecretUnreadable(
            "The environment variable of a secret is not set", to=name, hint=f"Set {name} and try again."
        )
    return value


def from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SecretUnreadable(
            f"The file of a secret cannot be read ({reason})",
            to=str(path),
            hint="Write the secret into this file.",
        ) from None
