"""Text around a PGP message is left out only if no line of it can be a row."""

from __future__ import annotations

import pytest

from bucketlift.codecs.mail_text import RecordForm, is_mail_text

THREE = RecordForm(columns=3)
MAIL = (
    "Return-Path: <hr@example.com>\nReceived: from a (b [192.0.2.1])\n\tby c; Mon, 30 Nov 2026 10:00:00 +0000\n"
    "To: ann@example.com,bob@example.com\nX-Tags: a,b,c,d\nSubject: 1,000 rows\nContent-Type: text/plain; charset=utf-8\n\n"
    "Dear Ann,\n\nplease find the file with 1,000 rows below, as agreed.\n\nBest regards,\nBob Stone | Acme Ltd.\n"
    "Tel. +49 30 1234\n-- \nAcme Ltd., 1 Main Street, Reno\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n",
        "Hello",
        "Hello,\n\n",
        "Hello\nplease see below. Best,\nAnn",
        "Guten Tag,\n\nder Betrag ist 5,00 EUR.\n\nGruß, Ann",
        MAIL,
        MAIL.replace("\n", "\r\n"),
        "-- \nRegards\n",
        '--=_x\nContent-Type: text/plain; a="b",c\n\nHello\n\n--=_x--\n',
    ],
)
@pytest.mark.parametrize(
    "form", [RecordForm(), RecordForm(columns=2), THREE, RecordForm(delimiter=";", columns=2)]
)
def test_the_text_of_an_e_mail_is_left_out(text, form):
    assert is_mail_text(text.encode(), form)
    assert is_mail_text(text.encode("cp1252"), form)


@pytest.mark.parametrize(
    "text",
    [
        "1,Ann\n",
        "Id,Name\n1,Ann\n2,Bob\n",
        "Hello\n1,Ann\n",
        "From: a@example.com\n\n1,Ann\n",
        "From: a@example.com\n1,Ann\n",
        '"1","Ann"\n',
        "1;Ann\n2;Bob\n",
        "1\tAnn\n",
        "1|Ann\n",
        "1, Ann\n2, Bob\n",
        "1    Ann\n2    Bob\n",
        "100,200\n",
        "Id,Name\x851,Ann\x85",
        "1,Ann\r2,Bob\r",
        "word " * 1000,
    ],
)
def test_text_that_may_contain_rows_is_kept(text):
    assert not is_mail_text(text.encode(), RecordForm(columns=2))
    assert not is_mail_text(text.encode("utf-16"), RecordForm(columns=2))


def test_the_delimiter_of_the_task_is_known():
    assert not is_mail_text(b"1~Ann\n", RecordForm(delimiter="~", columns=2))
    assert is_mail_text(b"about ~ 5 rows\n", RecordForm(columns=2))


def test_records_that_are_too_short_are_rows_if_they_are_half_of_the_lines():
    assert not is_mail_text(b"1,Ann\n2,Bob\n", THREE)
    assert is_mail_text(b"Hello\nsee the list,please\nRegards\nAnn\n", THREE)


def test_every_line_can_be_a_row_of_one_column():
    one = RecordForm(columns=1)

    assert not is_mail_text(b"ann@example.com\n", one)
    assert is_mail_text(b"From: ann@example.com\nSubject: rows\n\n", one)
