"""E-mail through a real mail server: with and without TLS and signing in, refused, cut short."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bucketlift.errors import NotDelivered
from bucketlift.model.notice import Mailbox, Notice
from bucketlift.notices.email import message, send
from bucketlift.notices.facts import of_test
from bucketlift.notices.mail_server import MailServer, Tls
from builders import NOON
from integration.notices.servers import DRIPS, PASSWORD, USER, certificate, dripping, free_port, mail_server

TO, SENDER = "hr@example.com", "Bucketlift <bucketlift@example.com>"


def a_notice(title: str = "Nightly employees", **changes):
    notice = Notice(
        id="n1",
        workflow="nightly",
        run=None,
        occasion="test",
        channel=Mailbox(email=TO),
        body=of_test("nightly", title),
        made_at=NOON,
        due_at=NOON,
    )
    return replace(notice, **changes)


def server_at(port: int, **changes) -> MailServer:
    return replace(MailServer(host="127.0.0.1", port=port, sender=SENDER, tls=Tls.NONE), **changes)


def send_to(server: MailServer, *, password: str | None = None, within: float = 10) -> None:
    send(server, password, message(a_notice(), TO, server.sender), within=within)


def refusal(server: MailServer, *, password: str | None = None, within: float = 10) -> NotDelivered:
    with pytest.raises(NotDelivered) as refused:
        send_to(server, password=password, within=within)
    return refused.value


def test_a_message_arrives_with_its_headers_and_words():
    with mail_server() as mail:
        send_to(server_at(mail.port))

    (arrived,) = mail.mails
    headers = {
        name: arrived[name] for name in ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted")
    }
    assert headers == {
        "From": SENDER,
        "To": TO,
        "Subject": "[Bucketlift] Nightly employees: a test notice",
        "Date": "Sun, 01 Mar 2026 12:00:00 +0000",
        "Message-ID": "<n1@example.com>",
        "Auto-Submitted": "auto-generated",
    }
    assert arrived.get_content().splitlines() == [
        "Nightly employees: a test notice.",
        "",
        "This is a test. Notices of this workflow arrive at this address.",
        "",
        "Bucketlift, workflow nightly",
    ]
    assert mail.envelopes == [("bucketlift@example.com", [TO], False, False)]


@pytest.mark.slow
@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.TLS])
def test_with_tls_and_a_user_the_message_goes_over_a_safe_line(tmp_path, monkeypatch, tls):
    trusted, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    how: dict[str, Any] = {"starttls": context} if tls is Tls.STARTTLS else {"tls": context}
    with mail_server(needs_sign_in=True, **how) as mail:
        send_to(server_at(mail.port, tls=tls, user=USER), password=PASSWORD)

    assert mail.envelopes == [("bucketlift@example.com", [TO], True, True)]


@pytest.mark.slow
def test_a_certificate_that_nobody_vouches_for_is_refused_and_nothing_is_said(tmp_path):
    _, context = certificate(tmp_path)
    with mail_server(starttls=context) as mail:
        told = refusal(server_at(mail.port, tls=Tls.STARTTLS, user=USER), password=PASSWORD)

    assert told.what == "The mail server's certificate is not trusted (self-signed certificate)"
    assert mail.mails == []


def test_a_server_without_starttls_is_never_spoken_to_in_the_clear():
    with mail_server() as mail:
        told = refusal(server_at(mail.port, tls=Tls.STARTTLS, user=USER), password=PASSWORD)

    assert told.what == "The mail server does not support the configured STARTTLS or sign-in"
    assert mail.mails == []


def test_a_wrong_password_is_told_without_the_password():
    with mail_server() as mail:
        told = refusal(server_at(mail.port, user=USER), password="canary-wrong")

    assert told.what == "The mail server refused the user or the password (535)"
    assert "canary-wrong" not in str(told)


def test_a_refused_recipient_is_told_in_the_servers_words():
    with mail_server(refused={TO}) as mail:
        told = refusal(server_at(mail.port))

    assert str(told) == (
        "The mail server refused the recipient (550 5.1.1 No such user here): "
        f"127.0.0.1:{mail.port}. Check the address."
    )


def test_a_message_that_is_not_taken_now_is_told_so():
    with mail_server(answer="451 4.3.0 Try later") as mail:
        told = refusal(server_at(mail.port))

    assert told.what == "The mail server refused the message (451 4.3.0 Try later)"


def test_a_server_that_repeats_the_password_is_not_quoted():
    with mail_server(answer=f"554 what is {PASSWORD}") as mail:
        told = refusal(server_at(mail.port, user=USER), password=PASSWORD)

    assert told.what == "The mail server refused the message"


def test_a_server_that_is_down_is_told():
    told = refusal(server_at(free_port()))

    assert told.what == "The mail server cannot be reached (ConnectionRefusedError)"


@pytest.mark.slow
def test_a_server_that_never_comes_to_a_point_is_left_in_time():
    with dripping(b"220-wait ") as server:
        told = refusal(server_at(server.port), within=0.3)
        read = server.said

    assert (told.what, read < DRIPS) == (
        "The mail server did not accept the message in time",
        True,
    )


def test_an_address_that_would_begin_another_header_is_refused():
    with pytest.raises(NotDelivered, match="This is not an e-mail address"):
        message(a_notice(), "hr@example.com\r\nBcc: everybody@example.com", SENDER)


def test_no_title_begins_another_header():
    title = "Nightly\r\nBcc: everybody@example.com\r\n\r\nhello \u202e\x00 Löhne 給与 " + "x" * 300
    with mail_server() as mail:
        send(server_at(mail.port), None, message(a_notice(title), TO, SENDER), within=10)

    (arrived,) = mail.mails
    assert (arrived["Bcc"], arrived["To"]) == (None, TO)
    assert str(arrived["Subject"]).startswith(
        r"[Bucketlift] Nightly\r\nBcc: everybody@example.com\r\n\r\nhello \u202e\x00 Löhne 給与 xxx"
    )
    assert len(str(arrived["Subject"])) < 170
    assert max(len(line) for line in mail.raw[0].split(b"\r\n")) <= 998
