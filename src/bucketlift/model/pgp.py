"""A task's settings for encrypted files, and PGP keys with their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bucketlift.model.account import SecretRef

EXPIRES_SOON = timedelta(days=30)


class KeyKind(StrEnum):
    DECRYPT = "decrypt"
    """A private key of ours: senders encrypt with its public part."""
    SIGNER = "signer"
    """A sender's public key, which verifies the sender's signatures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PgpKey:
    """A named key that tasks refer to. Its private part is stored in the vault."""

    name: str
    kind: KeyKind
    fingerprint: str
    user_id: str
    public: str
    """The public key in ASCII armour."""
    made_at: datetime
    expires_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def warning(self, now: datetime) -> str | None:
        """The warning if the key is expired or expires soon; otherwise None."""
        if self.expires_at is None or self.expires_at - now > EXPIRES_SOON:
            return None
        when = "expired on" if self.expired(now) else "expires on"
        return f"PGP key {self.name} {when} {self.expires_at:%Y-%m-%d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pgp:
    """How a task's files are encrypted and signed. If there are several keys, a file may be encrypted for any
    of them.
    """

    keys: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    require_signature: bool = False
    required: bool = True
    """Whether the task holds files that are not encrypted."""
    signed_accepted: bool = False
    """Whether to read signed messages that are not encrypted (also clear-signed ones)."""
    symmetric: SecretRef | None = None
    """The passphrase with which senders encrypt messages, if they use no keys."""
