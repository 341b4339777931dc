"""Sends a notice by e-mail, over SMTP."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from bucketlift import certificates
from bucketlift.errors import NeedsPerson, NotDelivered
from bucketlift.model.notice import Notice
from bucketlift.notices.deadline import Deadline
from bucketlift.notices.mail_server import MailServer, Tls
from bucketlift.notices.words import subject, text
from bucketlift.rules.legible import legible

_ANSWER_SHOWN = 200
"""Maximum number of characters of a server's answer in an error."""


def message(notice: Notice, to: str, sender: str) -> EmailMessage:
    """The e-mail for a notice. The same notice always gives the same e-mail, so that its Message-ID shows
    duplicates.

    Raises:
        NotDelivered: the address is invalid.
    """
    made = EmailMessage(policy=SMTP)
    try:
        made["From"], made["To"] = sender, to
    except (ValueError, IndexError):
        # Files of the first version could contain any text; a line break would start another header.
        raise NotDelivered(
            "This is not an e-mail address", to=legible(to), hint="Correct the address in the workflow file."
        ) from None
    made["Subject"] = f"[Bucketlift] {subject(notice.body)}"
    made["Date"] = format_datetime(notice.made_at)
    made["Message-ID"] = f"<{notice.id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic replies
    made.set_content(text(notice.body))
    return made


def send(server: MailServer, password: str | None, mail: EmailMessage, *, within: float) -> None:
    """Send an e-mail through the mail server.

    Raises:
        NotDelivered: the mail server did not accept the e-mail.
    """
    with Deadline(within) as deadline, _our_words(server, deadline, password):
        connection = _Connection(server, deadline)
        try:
            _talk(connection, server, password, mail)
        finally:
            connection.close()


def _talk(connection: _Connection, server: MailServer, password: str | None, mail: EmailMessage) -> None:
    if server.tls is Tls.STARTTLS:
        connection.starttls(context=certificates.context())
    if server.user is not None:
        connection.login(server.user, password or "")
    connection.send_message(mail)
    with suppress(smtplib.SMTPException, OSError):
        connection.quit()  # the server has already accepted the message, so its answer to QUIT is ignored


class _Connection(smtplib.SMTP):
    """A connection to the mail server. It is opened when this object is created."""

    def __init__(self, server: MailServer, deadline: Deadline) -> None:
        self._server = server
        self._deadline = deadline
        name = socket.gethostname()
        super().__init__(
            server.host,
            server.port,
            # Our own host name is not looked up, because that may be slow; RFC 5321 allows an address instead.
            local_hostname=name if "." in name else "[127.0.0.1]",
            timeout=max(min(server.timeout, deadline.seconds), 0.001),
        )

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = socket.create_connection((host, port), timeout)
        self._deadline.watch(made)
        if self._server.tls is Tls.TLS:
            return certificates.context().wrap_socket(made, server_hostname=host)
        return made


@contextmanager
def _our_words(server: MailServer, deadline: Deadline, password: str | None) -> Iterator[None]:
    """Replace the messages of libraries' errors in the block, because they may contain a password."""
    try:
        yield
    except NeedsPerson as error:
        raise NotDelivered(error.what, to=error.to, hint=error.hint) from None
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        what, hint = _meaning(error)
        if deadline.passed:
            what, hint = "The mail server did not accept the message in time", None
        if password and password in what:
            what = "The mail server refused the message"
        raise NotDelivered(what, to=f"{server.host}:{server.port}", hint=hint) from None


def _meaning(error: Exception) -> tuple[str, str | None]:
    match error:
        case smtplib.SMTPResponseException() | smtplib.SMTPRecipientsRefused():
            return _refusal(error)
        case smtplib.SMTPNotSupportedError():
            hint = "Check BUCKETLIFT_SMTP_TLS and BUCKETLIFT_SMTP_PORT; `none` sends unencrypted."
            return "The mail server does not support the configured STARTTLS or sign-in", hint
        case ssl.SSLCertVerificationError():
            return f"The mail server's certificate is not trusted ({error.verify_message})", certificates.HINT
        case TimeoutError():
            return "The mail server does not answer", None
        case _:
            return f"The mail server cannot be reached ({type(error).__name__})", None


def _refusal(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> tuple[str, str | None]:
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, reply = next(iter(error.recipients.values()))
            return f"The mail server refused the recipient ({code} {_shown(reply)})", "Check the address."
        case smtplib.SMTPAuthenticationError():
            # The answer is left out: it may repeat what we sent.
            hint = "Check BUCKETLIFT_SMTP_USER and BUCKETLIFT_SMTP_PASSWORD."
            return f"The mail server refused the user or the password ({error.smtp_code})", hint
        case smtplib.SMTPSenderRefused():
            answer = _shown(error.smtp_error)
            hint = "Check BUCKETLIFT_SMTP_FROM."
            return f"The mail server refused the sender ({error.smtp_code} {answer})", hint
        case smtplib.SMTPDataError():
            answer = _shown(error.smtp_error)
            return f"The mail server refused the message ({error.smtp_code} {answer})", None
        case _:
            return f"The mail server answered {error.smtp_code}", None


def _shown(answer: bytes | str) -> str:
    decoded = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return legible(" ".join(decoded.split()))[:_ANSWER_SHOWN]
