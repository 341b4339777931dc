"""Passwords hashed cheaply: a real hash takes a third of a second of a processor, and so does each look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from bucketlift.service.people import passwords

CHEAP = PasswordHash([Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1)])
REAL = PasswordHash.recommended()


@contextmanager
def hashing_by(way: PasswordHash) -> Iterator[None]:
    """Passwords of this process are hashed so until the block ends."""
    passwords._dummy_hash.cache_clear()
    with patch.object(passwords, "_hashing", lambda: way):
        yield
    passwords._dummy_hash.cache_clear()
