"""The mail server that the operator configured."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bucketlift.model.account import SecretRef


class Tls(StrEnum):
    STARTTLS = "starttls"
    """The connection is encrypted before any data is sent. If the server cannot do this, nothing is sent."""
    TLS = "tls"
    NONE = "none"


PORTS = {Tls.STARTTLS: 587, Tls.TLS: 465, Tls.NONE: 25}
"""The default port for each kind of encryption (RFC 6409, RFC 8314)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    host: str
    port: int
    sender: str
    tls: Tls = Tls.STARTTLS
    user: str | None = None
    password: SecretRef | None = None
    timeout: float = 10
    """Seconds to wait for each answer of the mail server."""
