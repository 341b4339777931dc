"""Gets the public key of an SSH server without signing in, so that a person can compare and accept it."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from bucketlift.errors import StoreUnavailable
from bucketlift.rules.legible import legible
from bucketlift.stores.sftp_session import fingerprint

PREFERRED = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
"""The types of keys that a destination may pin, best first."""
_SECONDS = 10
_LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HostKey:
    """The key that a server showed."""

    text: str
    """The key as in settings: ``ssh-ed25519 AAAA...``."""
    fingerprint: str


def fetch_host_key(host: str, port: int, *, seconds: float = _SECONDS) -> HostKey:
    """Ask a server for its key. Nothing is sent that names a user or a secret.

    Raises:
        StoreUnavailable: the server does not answer as an SSH server in time.
    """
    import paramiko  # noqa: PLC0415 - only for SFTP

    try:
        with socket.create_connection((host, port), timeout=seconds) as connection:
            transport = paramiko.Transport(connection)
            transport.banner_timeout = transport.handshake_timeout = seconds
            transport.get_security_options().key_types = PREFERRED
            try:
                transport.start_client(timeout=seconds)
                key = transport.get_remote_server_key()
            finally:
                transport.close()
    except (paramiko.SSHException, EOFError, OSError) as error:
        words = legible(str(error))[:_LONGEST_WORDS] or "no words"
        raise StoreUnavailable(
            f"The server does not show an SSH key ({type(error).__name__}: {words})",
            to=f"{host}:{port}",
            hint="Check its name and port, and whether this machine can reach it.",
        ) from error
    return HostKey(text=f"{key.get_name()} {key.get_base64()}", fingerprint=fingerprint(key.asbytes()))
