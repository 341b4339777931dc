"""Checks for the page on a network: other machines need TLS, or an explicit option."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

    from bucketlift.api.listening import Tls

EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not listened on


def tls_of(certificate: Path | None, key: Path | None) -> Tls | None:
    """Return the files for HTTPS; None if there are none.

    Raises:
        RequestWrong: only one of the two files is given.
    """
    from bucketlift.api.listening import Tls
    from bucketlift.errors import RequestWrong

    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise RequestWrong("TLS needs a certificate and a key", hint="Give both --tls-cert and --tls-key.")
    return Tls(certificate=certificate, key=key)


def require_private(host: str, *, tls: bool, proxy: str | None, insecure: bool) -> None:
    """Check that passwords are not sent over a network in clear text.

    Raises:
        RequestWrong: the page would listen on a network without TLS.
    """
    from bucketlift.errors import RequestWrong

    if tls or proxy or insecure or is_loopback(host):
        return
    raise RequestWrong(
        "The page would be open to other machines over plain HTTP",
        to=host,
        hint="Give --tls-cert and --tls-key, or put a proxy with TLS in front and set BUCKETLIFT_TRUSTED_PROXY, "
        "or give --insecure-http.",
    )


def names_of(host: str, public_url: str | None) -> frozenset[str] | None:
    """Return the host names that the page accepts in addition to loopback. If no name is known, return None:
    every name is accepted.
    """
    public = urlsplit(public_url).hostname if public_url else None
    if host in EVERYWHERE and public is None:
        return None
    return frozenset(each for each in (host, public) if each)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
