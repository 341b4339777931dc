"""Which certificate authorities are trusted: the same for S3, STS, webhooks and mail servers."""

from __future__ import annotations

import os
import ssl

from bucketlift.errors import NeedsPerson

VARIABLES = ("BUCKETLIFT_CA_BUNDLE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""The first that is set names a file in PEM; S3 and STS are trusted by its authorities instead of the usual ones."""

HINT = (
    f"Set {VARIABLES[0]} to a PEM file that holds the certificate of the authority that signed it "
    f"({', '.join(VARIABLES[1:])} do the same), or have the certificate renewed."
)


def bundle() -> str | None:
    """The file that the environment names; None where the usual authorities are trusted.

    Raises:
        NeedsPerson: it cannot be read, or holds no certificate.
    """
    named = ((name, os.environ.get(name, "").strip()) for name in VARIABLES)
    variable, path = next(((name, path) for name, path in named if path), ("", ""))
    if not path:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:
        raise NeedsPerson(
            f"{variable} names no file with certificates ({type(error).__name__})",
            to=path,
            hint=f"Name a file in PEM that can be read, or unset {variable}.",
        ) from error
    return path


def context() -> ssl.SSLContext:
    """For a webhook or a mail server: the system's authorities (SSL_CERT_FILE) and those of the bundle.

    Raises: NeedsPerson as ``bundle``.
    """
    trusted, path = ssl.create_default_context(), bundle()
    if path is not None:
        trusted.load_verify_locations(path)
    return trusted
