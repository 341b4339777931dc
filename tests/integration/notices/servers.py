"""A real mail server and a real web server on loopback, and one that never comes to a point."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from itertools import cycle
from pathlib import Path
from queue import Queue
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "bucketlift", "canary-smtp-password"


@dataclass(kw_only=True)
class MailServer:
    """What arrived, and how the server behaves meanwhile."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, list[str], bool, bool]] = field(default_factory=list)
    """Sender, recipients, whether TLS was on, and whether somebody signed in."""
    refused: set[str] = field(default_factory=set)
    """Recipients that are not known here."""
    answer: str = "250 OK"
    needs_sign_in: bool = False

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.needs_sign_in and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            content = envelope.original_content or b""
            mail = message_from_bytes(content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.raw.append(content)
            ssl_on = server.transport.get_extra_info("sslcontext") is not None
            tos, signed = list(envelope.rcpt_tos), bool(session.authenticated)
            self.envelopes.append((str(envelope.mail_from), tos, ssl_on, signed))
        return self.answer


@contextmanager
def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, port: int = 0, **how: Any
) -> Iterator[MailServer]:
    """A mail server that takes what comes; USER may sign in with PASSWORD."""
    server = MailServer(**how)
    listening = socket.create_server(("127.0.0.1", port))
    server.port = listening.getsockname()[1]
    lines: list[SMTP] = []

    def line() -> SMTP:
        lines.append(
            SMTP(
                server,
                hostname="mail.test",
                tls_context=starttls,
                authenticator=_sign_in,
                auth_require_tls=False,
                loop=loop,
            )
        )
        return lines[-1]

    async def serve() -> None:
        opened = await loop.create_server(line, sock=listening, ssl=tls)
        await stop.wait()
        opened.close()
        for each in lines:
            if isinstance(each.transport, asyncio.Transport):
                each.transport.abort()
        await asyncio.sleep(0.01)  # the transports take note of it

    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def _sign_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=good, handled=False)


@dataclass(kw_only=True)
class Hook:
    """A webhook's server: what it was sent, and what it answers."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    """In turn; the last one for good."""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    """Path, headers and body of each request."""
    cut_off: Queue[bool] = field(default_factory=Queue)
    """For each answer, whether the client closed the connection before all of it was sent."""

    def next_answer(self) -> tuple[int, dict[str, str], bytes]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def hook(*answers: int | tuple[int, dict[str, str], bytes]) -> Iterator[Hook]:
    told: Sequence[Any] = answers or (200,)
    made = Hook(answers=[each if isinstance(each, tuple) else (each, {}, b"ok") for each in told])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.asked.append((self.path, {name.lower(): each for name, each in self.headers.items()}, body))
            status, headers, text = made.next_answer()
            self.send_response(status)
            for name, each in headers.items():
                self.send_header(name, each)
            self.end_headers()
            try:
                self.wfile.write(text)
                made.cut_off.put(False)
            except OSError:
                made.cut_off.put(True)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            """What was asked is kept above."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


DRIP_EVERY = 0.005
"""Seconds between two bytes of a dripping server, at least."""
DRIPS = 1_000
"""Bytes that a dripping server says in five seconds; in more where the machine is busy."""


@dataclass(kw_only=True)
class Dripping:
    port: int
    said: int = 0
    """Bytes so far: a measure of time that a busy machine slows down, too."""


@contextmanager
def dripping(text: bytes) -> Iterator[Dripping]:
    """A server that says one byte of this every few milliseconds, over and over, and never more."""
    stop = threading.Event()

    def drip(line: socket.socket) -> None:
        with line, suppress(OSError):
            for byte in cycle(text):
                line.sendall(bytes([byte]))
                made.said += 1
                if stop.wait(DRIP_EVERY):
                    return

    def serve() -> None:
        with suppress(OSError):
            while True:
                drip(listening.accept()[0])

    listening = socket.create_server(("127.0.0.1", 0))
    made = Dripping(port=listening.getsockname()[1])
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        stop.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        listening.close()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that only those trust who are given its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "cert.pem", folder / "key.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(trusted, secret)
    return trusted, context
