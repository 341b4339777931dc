"""Checks, hashes and verifies passwords."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from bucketlift.errors import RequestWrong

SHORTEST, LONGEST = 12, 256
_AT_ONCE = BoundedSemaphore(2)
"""Limits how many passwords are hashed at once, because each hash needs 64 MiB of memory."""


class PasswordWrong(RequestWrong):
    """The password is not allowed. The error text never contains the password."""


def require_good(password: str, name: str) -> None:
    """Refuse weak passwords. Length matters most, so no character classes are required.

    Raises:
        PasswordWrong: the password is too short, too long, equal to the name, or one repeated character.
    """
    if len(password) < SHORTEST:
        raise PasswordWrong(
            f"The password is too short: use at least {SHORTEST} characters", hint="Several words work well."
        )
    if len(password) > LONGEST:
        raise PasswordWrong(f"The password is too long: use at most {LONGEST} characters", hint="Shorten it.")
    folded, own = password.casefold(), name.casefold()
    if folded in {own, own.partition("@")[0], own[::-1]} or not folded.replace(own, ""):
        raise PasswordWrong(
            "The password is the name", hint="Choose one that cannot be guessed from the name."
        )
    if len(set(folded)) == 1:
        raise PasswordWrong("The password is one repeated character", hint="Several words work well.")


def hash_of(password: str) -> str:
    with _AT_ONCE:
        return _hashing().hash(password)


def check(password: str, known: str | None) -> tuple[bool, str | None]:
    """Verify a password against the known hash. Returns whether it is right, and a new hash if the known one
    uses an old algorithm.

    If no hash is known, the check takes the same time.
    """
    with _AT_ONCE:
        try:
            right, newer = _hashing().verify_and_update(password, known or _dummy_hash())
        except UnknownHashError:
            return False, None
    return (right, newer) if known else (False, None)


@cache
def _hashing() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _dummy_hash() -> str:
    return _hashing().hash("nobody has this one")


def warm() -> None:
    """Create the dummy hash in advance, so that the first check takes no longer than later ones."""
    _dummy_hash()
