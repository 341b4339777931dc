"""The mail server that the operator named."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bucketlift.model.account import SecretRef


class Tls(StrEnum):
    STARTTLS = "starttls"
    """The connection is made safe before anything is said; where the server cannot, nothing is sent."""
    TLS = "tls"
    NONE = "none"


PORTS = {Tls.STARTTLS: 587, Tls.TLS: 465, Tls.NONE: 25}
"""Where a server is expected unless a port is set (RFC 6409, RFC 8314)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    host: str
    port: int
    sender: str
    tls: Tls = Tls.STARTTLS
    user: str | None = None
    password: SecretRef | None = None
    timeout: float = 10
    """Seconds to wait for each answer."""
