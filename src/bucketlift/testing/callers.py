"""The callers who sign requests: the operator, users with static keys, and assumed sessions."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bucketlift.testing.policies import PermissionCheck, Statement, allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A caller. ``grants`` are policies (of role and session) that must all allow a call; None allows
    everything.
    """

    arn: str
    access_key: str
    secret_key: str
    token: str = ""
    expires: datetime | None = None
    grants: tuple[tuple[Statement, ...], ...] | None = None

    def may(self, ask: PermissionCheck) -> bool:
        return self.grants is None or all(allows(grant, ask) for grant in self.grants)

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires


class Callers:
    def __init__(self) -> None:
        self._known: dict[str, Caller] = {}
        self._lock = threading.Lock()

    def add(self, caller: Caller) -> None:
        with self._lock:
            self._known[caller.access_key] = caller

    def get(self, access_key: str) -> Caller | None:
        return self._known.get(access_key)

    def expire_sessions(self) -> None:
        """End every assumed session. Calls with its keys are then refused with ExpiredToken."""
        with self._lock:
            for key, caller in self._known.items():
                if caller.expires is not None:
                    self._known[key] = replace(caller, expires=datetime.min.replace(tzinfo=UTC))


def new_key(prefix: str) -> str:
    """Make a random access key. ``AKIA`` is the prefix of a permanent key, ``ASIA`` the prefix of a session's
    key.
    """
    return prefix + "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16))
