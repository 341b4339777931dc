"""The trusted certificate authorities: the same for S3, STS, webhooks and mail servers."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path

from bucketlift.errors import NeedsPerson

VARIABLES = ("BUCKETLIFT_CA_BUNDLE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Environment variables that may name a PEM file; the first one that is set is used. For S3 and STS, only the
authorities in this file are trusted.
"""

HINT = (
    f"Set {VARIABLES[0]} (or {', '.join(VARIABLES[1:-1])} or {VARIABLES[-1]}) to a PEM file with the certificate of the "
    "authority that signed the server's certificate. If the certificate has expired, ask the server's operator to renew it."
)


def bundle() -> str | None:
    """The PEM file that the environment names; None if the system's authorities are trusted.

    Raises:
        NeedsPerson: the file cannot be read, or contains no certificate.
    """
    named = ((name, os.environ.get(name, "").strip()) for name in VARIABLES)
    variable, path = next(((name, path) for name, path in named if path), ("", ""))
    if not path:
        return None
    try:
        stat = Path(path).stat()
        _require_certificates(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise NeedsPerson(
            f"{variable} does not name a readable certificate file ({type(error).__name__})",
            to=path,
            hint=f"Set it to a readable PEM file, or unset {variable}.",
        ) from error
    return path


@lru_cache(maxsize=8)
def _require_certificates(path: str, modified_ns: int, size: int) -> None:  # noqa: ARG001 - a changed file is read again
    """Check that a file of certificates can be read. This takes 50 ms for the authorities of a usual system."""
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)


def context() -> ssl.SSLContext:
    """The TLS context for a webhook or a mail server. It trusts the system's authorities (SSL_CERT_FILE) and
    those of the PEM file that the environment names.

    Raises:
        NeedsPerson: the PEM file cannot be read, or contains no certificate.
    """
    trusted, path = ssl.create_default_context(), bundle()
    if path is not None:
        trusted.load_verify_locations(path)
    return trusted
