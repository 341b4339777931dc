"""To whom the page is open: beyond this machine only under TLS, or where somebody says so."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

    from bucketlift.api.listening import Tls

EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not listened on


def tls_of(certificate: Path | None, key: Path | None) -> Tls | None:
    """The files for HTTPS.

    Raises:
        RequestWrong: only one of them is named.
    """
    from bucketlift.api.listening import Tls
    from bucketlift.errors import RequestWrong

    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise RequestWrong("TLS takes a certificate and a key", hint="Name both: --tls-cert and --tls-key.")
    return Tls(certificate=certificate, key=key)


def require_private(host: str, *, tls: bool, proxy: str | None, told: bool) -> None:
    """Refuse what would send passwords over a network in the clear.

    Raises:
        RequestWrong: it would.
    """
    from bucketlift.errors import RequestWrong

    if tls or proxy or told or is_loopback(host):
        return
    raise RequestWrong(
        "The page would be open to other machines over plain HTTP",
        to=host,
        hint="Give --tls-cert and --tls-key, or put a proxy with TLS in front and set BUCKETLIFT_TRUSTED_PROXY, "
        "or say --insecure-http.",
    )


def names_of(host: str, public_url: str | None) -> frozenset[str] | None:
    """Under which names the page answers besides those of loopback; None: any, for none is known."""
    public = urlsplit(public_url).hostname if public_url else None
    if host in EVERYWHERE and public is None:
        return None
    return frozenset(each for each in (host, public) if each)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
