"""The mail server as the operator sets it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.account import EnvSecret, FileSecret
from bucketlift.notices.mail_server import MailServer, Tls
from bucketlift.settings import read_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in ("HOST", "PORT", "TLS", "USER", "PASSWORD", "PASSWORD_FILE", "FROM"):
        monkeypatch.delenv(f"BUCKETLIFT_SMTP_{name}", raising=False)


def setting(monkeypatch, **values: str) -> MailServer | None:
    for name, value in values.items():
        monkeypatch.setenv(f"BUCKETLIFT_SMTP_{name}", value)
    return read_settings().mail_server()


def test_nothing_set_is_no_mail_server(monkeypatch):
    assert setting(monkeypatch) is None
    assert setting(monkeypatch, HOST="mail.example.com") is None


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_each_way_of_tls_has_its_port(monkeypatch, tls, port):
    server = setting(monkeypatch, HOST="mail.example.com", FROM="b@example.com", TLS=tls)

    assert server == MailServer(host="mail.example.com", port=port, sender="b@example.com", tls=Tls(tls))


def test_a_password_is_named_and_not_held(monkeypatch):
    told = {"HOST": "mail.example.com", "PORT": "2525", "USER": "me", "FROM": "Bucketlift <b@example.com>"}
    by_variable = setting(monkeypatch, **told, PASSWORD="canary")
    by_file = setting(monkeypatch, PASSWORD_FILE="/run/secrets/smtp")

    server = MailServer(host="mail.example.com", port=2525, sender="Bucketlift <b@example.com>", user="me")
    assert by_variable == replace(server, password=EnvSecret(env="BUCKETLIFT_SMTP_PASSWORD"))
    assert by_file == replace(server, password=FileSecret(file="/run/secrets/smtp"))
    assert "canary" not in repr((by_variable, read_settings()))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("FROM", "bucketlift", "A setting is wrong (it is not an e-mail address)"),
        ("FROM", "b@example.com\nBcc: x@example.com", "A setting is wrong (it is not an e-mail address)"),
        ("TLS", "ssl", "A setting is wrong (Input should be 'starttls', 'tls' or 'none')"),
        ("PORT", "0", "A setting is wrong (Input should be greater than 0)"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch, name, value, message):
    with pytest.raises(RequestWrong) as refused:
        setting(monkeypatch, **{name: value})

    assert (refused.value.what, refused.value.to) == (message, f"BUCKETLIFT_SMTP_{name}")
