"""What an operator sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from bucketlift.errors import NotAvailable, RequestWrong
from bucketlift.settings import read_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in ("HOME", "DATABASE_URL", "URL", "MULTIPART_THRESHOLD"):
        monkeypatch.delenv(f"BUCKETLIFT_{name}", raising=False)


def test_the_home_is_in_the_persons_own_by_default():
    assert read_settings().home == Path("~/.bucketlift").expanduser()


def test_a_setting_that_cannot_be_read_is_named(monkeypatch):
    monkeypatch.setenv("BUCKETLIFT_MULTIPART_THRESHOLD", "much")

    with pytest.raises(RequestWrong, match=r"A setting is wrong .*: BUCKETLIFT_MULTIPART_THRESHOLD"):
        read_settings()


def test_what_a_later_version_brings_is_refused_rather_than_passed_over(monkeypatch):
    monkeypatch.setenv("BUCKETLIFT_URL", "somewhere")

    with pytest.raises(NotAvailable, match="BUCKETLIFT_URL"):
        read_settings().require_available()


@pytest.mark.parametrize(
    "told", ["ftp://minio", "minio:9000", "https://minio/path", "https://a, https://user:word@b", "http://"]
)
def test_an_address_that_is_more_or_less_than_a_server_is_refused(monkeypatch, told):
    monkeypatch.setenv("BUCKETLIFT_ALLOWED_ENDPOINTS", told)

    with pytest.raises(RequestWrong, match="BUCKETLIFT_ALLOWED_ENDPOINTS"):
        read_settings()


def test_addresses_are_listed_with_commas(monkeypatch):
    monkeypatch.setenv("BUCKETLIFT_ALLOWED_ENDPOINTS", "https://minio.example.com/, http://127.0.0.1:9000")

    assert read_settings().endpoints() == ("https://minio.example.com", "http://127.0.0.1:9000")


def test_a_user_without_a_name_and_a_home_is_told_what_to_set(monkeypatch):
    def nameless(user):
        raise KeyError(user)

    for name in ("HOME", "BUCKETLIFT_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", nameless)

    with pytest.raises(RequestWrong) as refused:
        read_settings()

    assert (refused.value.to, refused.value.hint) == (
        "BUCKETLIFT_HOME",
        "Set BUCKETLIFT_HOME to a folder that this user may write to, such as /data.",
    )
