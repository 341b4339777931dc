"""Passwords: what may be one, and whether one is right."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from bucketlift.errors import RequestWrong

SHORTEST, LONGEST = 12, 256
_AT_ONCE = BoundedSemaphore(2)
"""Each hash takes 64 MiB while it is made: many sign-ins at once wait rather than fill the memory."""


class PasswordWrong(RequestWrong):
    """It cannot be a password here. Never tells it."""


def require_good(password: str, name: str) -> None:
    """Refuse what is guessed first. Length is what counts, so no signs of certain kinds are asked for.

    Raises:
        PasswordWrong: it is too short, too long, the name, or one sign again and again.
    """
    if len(password) < SHORTEST:
        raise PasswordWrong(
            f"The password is too short: {SHORTEST} characters at least", hint="Several words do well."
        )
    if len(password) > LONGEST:
        raise PasswordWrong(f"The password is too long: {LONGEST} characters at most", hint="Shorten it.")
    told, own = password.casefold(), name.casefold()
    if told in {own, own.partition("@")[0], own[::-1]} or not told.replace(own, ""):
        raise PasswordWrong("The password is the name", hint="Choose one that nobody can guess from it.")
    if len(set(told)) == 1:
        raise PasswordWrong("The password is one character repeated", hint="Several words do well.")


def hash_of(password: str) -> str:
    with _AT_ONCE:
        return _hashing().hash(password)


def check(password: str, known: str | None) -> tuple[bool, str | None]:
    """Whether it is right, and a newer hash where the known one is of an older kind.

    Takes as long where nothing is known.
    """
    with _AT_ONCE:
        try:
            right, newer = _hashing().verify_and_update(password, known or _nobodys())
        except UnknownHashError:
            return False, None
    return (right, newer) if known else (False, None)


@cache
def _hashing() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    return _hashing().hash("nobody has this one")


def warm() -> None:
    """Make what the first check would make, so that it takes no longer than others."""
    _nobodys()
