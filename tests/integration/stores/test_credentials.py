"""Bucketlift's own credentials from sources that fail, and endpoints that are no addresses: words that say what to do."""

from __future__ import annotations

import io
import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bucketlift.errors import AccessRefused, BucketliftError, RequestWrong
from bucketlift.model.account import AwsAmbient, AwsRole
from bucketlift.model.source import Selection
from bucketlift.stores.identity import own_account
from bucketlift.stores.s3 import open_store
from bucketlift.testing.s3server import S3Server

AMBIENT = AwsAmbient(region="us-east-1")
ROLE = AwsRole(role_arn="arn:aws:iam::123456789012:role/reader", region="us-east-1", external_id="id")
KEYS = {"Version": 1, "AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "hidden", "SessionToken": "hidden too"}
OVER = KEYS | {"Expiration": "2001-01-01T00:00:00Z"}

Source = Callable[[str], None]


@pytest.fixture
def source(server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """Let a ``credential_process`` that prints this be where Bucketlift's own credentials come from."""

    def begin(printed: str) -> None:
        script, config = tmp_path / "script.py", tmp_path / "config"
        script.write_text(f"print({printed!r})")
        command = f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}"
        config.write_text(f"[default]\ncredential_process = {command}\n")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))

    return begin


def listed(account: AwsAmbient | AwsRole) -> None:
    store = open_store(account, keys=None, session_policy=None, session_name="test")
    list(store.find(Selection(bucket="drop")))


def refused(account: AwsAmbient | AwsRole) -> BucketliftError:
    with pytest.raises(BucketliftError) as error:
        listed(account)
    return error.value


@pytest.mark.parametrize("account", [AMBIENT, ROLE], ids=["ambient", "role"])
@pytest.mark.parametrize(
    ("printed", "words"),
    [
        (json.dumps(OVER), "RuntimeError: Credentials were refreshed, but the refreshed credentials"),
        (json.dumps(KEYS | {"Expiration": "soon"}), "ParserError: "),
        ("no JSON at all", "JSONDecodeError: Expecting value"),
        ("[]", "AttributeError: "),
        ("{}", "Error when retrieving credentials from custom-process"),
        (json.dumps({"Version": 1}), "Error when retrieving credentials from custom-process"),
    ],
    ids=["expired", "no date", "no JSON", "a list", "no version", "no keys"],
)
def test_a_credential_process_that_fails_is_told_in_its_own_words(source, account, printed, words):
    source(printed)

    error = refused(account)

    assert isinstance(error, AccessRefused)
    assert error.what == "Bucketlift's own AWS credentials cannot be used"
    assert "`aws sts get-caller-identity` must succeed" in error.hint
    assert f'The answer was: "{words}' in error.hint
    assert "hidden" not in error.hint


@pytest.mark.parametrize(
    ("variable", "account"),
    [("AWS_ENDPOINT_URL", AMBIENT), ("AWS_ENDPOINT_URL_S3", AMBIENT), ("AWS_ENDPOINT_URL_STS", ROLE)],
)
@pytest.mark.parametrize(
    ("value", "better"),
    [
        ("minio:9000", "http://minio:9000"),
        ("//minio:9000", "http://minio:9000"),
        ("minio.example.com", "http://minio.example.com"),
        ("ftp://minio", "http://minio"),
        ("http://", "http://HOST:PORT"),
        ("http://minio:port", "http://HOST:PORT"),
    ],
)
def test_an_endpoint_that_is_no_address_is_named_with_what_to_write(
    server, monkeypatch, variable, account, value, better
):
    monkeypatch.setenv(variable, value)

    error = refused(account)

    assert isinstance(error, RequestWrong)
    assert (error.what, error.to) == (f"This is not a valid server address: {value}", variable)
    assert error.hint == f"Write the address with http:// or https://, as in {better}"


def test_the_account_of_our_own_identity_is_asked_of_an_endpoint_in_the_same_way(server, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "minio:9000")

    with pytest.raises(RequestWrong, match="not a valid server address"):
        own_account("us-east-1")


def test_another_setting_that_aws_cannot_use_is_told_in_its_own_words(server, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULTS_MODE", "hasty")

    error = refused(AMBIENT)

    assert isinstance(error, RequestWrong)
    assert error.what.startswith("An AWS setting of this machine cannot be used (InvalidDefaultsMode: ")


@pytest.mark.parametrize("account", [AMBIENT, ROLE], ids=["ambient", "role"])
@pytest.mark.parametrize(
    ("config", "error_name"),
    [
        ("[[[\nno profile", "ConfigParseError"),
        ("[default]\nrole_arn = arn:aws:iam::1:role/x\ncredential_source = Moon\n", "InvalidConfigError"),
        (
            "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n",
            "InfiniteLoopConfigError",
        ),
    ],
)
def test_a_profile_that_cannot_be_used_is_not_told_as_a_store_that_is_away(
    server, monkeypatch, tmp_path, account, config, error_name
):
    (tmp_path / "config").write_text(config)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)

    error = refused(account)

    assert isinstance(error, RequestWrong)
    assert error.what.startswith(f"An AWS setting of this machine cannot be used ({error_name}: ")


@pytest.mark.parametrize("account", [AMBIENT, ROLE], ids=["ambient", "role"])
@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"])
def test_a_key_or_token_with_a_line_break_is_named_and_not_shown(server, monkeypatch, account, variable):
    monkeypatch.setenv(variable, "IQoJshort\n")

    error = refused(account)

    assert isinstance(error, AccessRefused)
    assert error.what.startswith("The access key or session token has a line break")
    assert "IQoJ" not in f"{error.what} {error.hint}"


def test_a_profile_that_is_not_there_is_named(server, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "hr")

    assert "The config profile (hr) could not be found" in refused(AMBIENT).hint


def refused_identity() -> BucketliftError:
    with pytest.raises(BucketliftError) as error:
        own_account("us-east-1")
    return error.value


PROFILES = """[profile base]
aws_access_key_id = {key}
aws_secret_access_key = {secret}
[profile guarded]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/ann
"""


@pytest.mark.parametrize("stdin", [None, io.StringIO(""), io.StringIO("123456\n")])
@pytest.mark.parametrize("ask", [lambda: refused(AMBIENT), lambda: refused(ROLE), refused_identity])
def test_a_profile_with_an_mfa_device_is_named_if_there_is_no_terminal(
    server: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    stdin: io.StringIO | None,
    ask: Callable[[], BucketliftError],
) -> None:
    (tmp_path / "config").write_text(PROFILES.format(key=server.access_key, secret=server.secret_key))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "guarded")
    monkeypatch.setattr("sys.stdin", stdin)

    error = ask()

    assert error.what == (
        "The AWS profile guarded requires the code of an MFA device, and there is no terminal to enter it"
    )
    assert error.hint.startswith("Set AWS_PROFILE to a profile without mfa_serial, or set AWS_ACCESS_KEY_ID")
    assert capfd.readouterr() == ("", "")


OFF = "Another possible cause: the AWS account has not enabled the region"


@pytest.mark.parametrize(
    ("region", "off"), [("us-east-1", False), ("cn-north-1", False), ("af-south-1", True)]
)
def test_an_unknown_key_is_told_as_a_region_that_is_off_only_where_a_region_can_be_off(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, region: str, *, off: bool
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN")

    hints = [refused(replace(ROLE, region=region)).hint]
    with pytest.raises(BucketliftError) as error:
        own_account(region)
    hints.append(error.value.hint)

    assert ["AWS does not know the access key: it was deleted" in each for each in hints] == [True, True]
    assert [f"{OFF} {region}" in each for each in hints] == [off, off]
    assert [OFF in each for each in hints] == [off, off]


def test_a_store_that_cannot_be_reached_is_told_with_the_words_of_the_machine(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://name:hidden-word@127.0.0.1:1/")

    error = refused(AMBIENT)

    assert error.what == "The store could not be reached"
    assert 'The answer was: "Could not connect to the endpoint URL: "http://' in error.hint
    assert "Connection refused" in error.hint
    assert "hidden-word" not in str(error)
    assert " object at 0x" not in str(error)
