"""Where the page listens, and whom it believes."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bucketlift.api.listening import Tls, listening
from bucketlift.cli.entry import run
from bucketlift.cli.exposure import names_of, require_private
from bucketlift.errors import RequestWrong
from bucketlift.model.user import Role


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("127.0.0.1", {}),
        ("::1", {}),
        ("localhost", {}),
        ("0.0.0.0", {"tls": True}),  # noqa: S104 - nothing listens
        ("0.0.0.0", {"proxy": "192.0.2.1"}),  # noqa: S104 - nothing listens
        ("lift.example.com", {"insecure": True}),
    ],
)
def test_it_listens_on_this_machine_under_tls_behind_a_proxy_or_where_somebody_says_so(host, said):
    require_private(host, **{"tls": False, "proxy": None, "insecure": False, **said})


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.1.5", "lift.example.com", "localhost.example.com"],  # noqa: S104 - nothing listens
)
def test_beyond_this_machine_plain_http_is_refused(host, capsys):
    code = run(["serve", "--host", host, "--json"])

    assert (code, "over plain HTTP" in capsys.readouterr().out) == (2, True)


def test_half_of_tls_is_refused(capsys):
    code = run(["serve", "--tls-cert", "cert.pem", "--json"])

    assert (code, "Give both --tls-cert and --tls-key" in capsys.readouterr().out) == (2, True)


@pytest.mark.parametrize(
    ("host", "public", "names"),
    [
        ("127.0.0.1", None, {"127.0.0.1"}),
        ("127.0.0.1", "https://lift.example.com:8443", {"127.0.0.1", "lift.example.com"}),
        ("0.0.0.0", "https://lift.example.com", {"0.0.0.0", "lift.example.com"}),  # noqa: S104 - nothing listens
        ("0.0.0.0", None, None),  # noqa: S104 - nothing listens
    ],
)
def test_names_are_checked_where_they_are_known(host, public, names):
    assert names_of(host, public) == names


@pytest.fixture
def certificate(tmp_path):
    """For localhost, vouched for by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8, clear = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "cert.pem").write_bytes(made.public_bytes(pem))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, clear))
    return Tls(certificate=tmp_path / "cert.pem", key=tmp_path / "key.pem")


@pytest.mark.slow
def test_under_tls_the_cookie_is_bound_to_this_server(page, certificate):
    page.person(Role.ADMINISTRATOR)
    trusting = ssl.create_default_context(cafile=certificate.certificate)

    with listening(page.server, "localhost", 0, tls=certificate) as address:
        answer = httpx.get(f"{address}/sign-in", verify=trusting)

    assert address.startswith("https://localhost:")
    assert answer.headers["set-cookie"].startswith("__Host-bucketlift-form=")
    assert "; Secure" in answer.headers["set-cookie"]


def test_files_that_are_no_certificate_are_refused(page, certificate):
    wrong = Tls(certificate=certificate.certificate, key=certificate.certificate)

    with (
        pytest.raises(RequestWrong, match="The TLS files cannot be used"),
        listening(page.server, "localhost", 0, tls=wrong),
    ):
        pass


@pytest.mark.slow
@pytest.mark.parametrize(
    ("proxy", "cookie"),
    [(None, "bucketlift-form"), ("192.0.2.1", "bucketlift-form"), ("127.0.0.1", "__Host-bucketlift-form")],
)
def test_only_the_proxy_that_was_named_is_believed(page, proxy, cookie):
    page.person(Role.ADMINISTRATOR)
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}

    with listening(page.server, "127.0.0.1", 0, trusted_proxy=proxy) as address:
        answer = httpx.get(f"{address}/sign-in", headers=told)

    assert answer.headers["set-cookie"].partition("=")[0] == cookie
    assert "server" not in answer.headers
