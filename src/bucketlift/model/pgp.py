"""What a task asks of encrypted files, and the keys that it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bucketlift.model.account import SecretRef

EXPIRES_SOON = timedelta(days=30)


class KeyKind(StrEnum):
    DECRYPT = "decrypt"
    """A private key of ours: senders encrypt for it."""
    SIGNER = "signer"
    """A sender's public key: it tells who signed a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PgpKey:
    """A key by the name that tasks give it. Its private part rests in the vault."""

    name: str
    kind: KeyKind
    fingerprint: str
    user_id: str
    public: str
    """Armoured."""
    made_at: datetime
    expires_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def warning(self, now: datetime) -> str | None:
        """That the key is expired, or soon will be."""
        if self.expires_at is None or self.expires_at - now > EXPIRES_SOON:
            return None
        when = "expired on" if self.expired(now) else "expires on"
        return f"PGP key {self.name} {when} {self.expires_at:%Y-%m-%d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pgp:
    """How a task's files are encrypted and signed. Several keys: the files may be for any of them."""

    keys: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    require_signature: bool = False
    required: bool = True
    """Whether a file that is not encrypted is held."""
    signed_accepted: bool = False
    """Whether a message that is signed and not encrypted (clear-signed, too) is read."""
    symmetric: SecretRef | None = None
    """The passphrase of messages that are encrypted with one."""
