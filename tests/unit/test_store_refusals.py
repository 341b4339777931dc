"""What a refusal means, and that the store's own words stand beside ours without its secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import certifi
import pytest
from botocore.exceptions import (
    ClientError,
    ProxyConnectionError,
    SSLError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from bucketlift.certificates import VARIABLES, bundle, context
from bucketlift.errors import (
    AccessRefused,
    BucketliftError,
    NeedsPerson,
    NotFound,
    ObjectEncrypted,
    ObjectLocked,
    StoreUnavailable,
    Transient,
)
from bucketlift.model.account import EnvSecret, S3Compatible
from bucketlift.stores.sessions import USUAL, Signer, make_client
from bucketlift.stores.translation import translate
from bucketlift.stores.wording import clean

ROLE = "arn:aws:sts::111122223333:assumed-role/bucketlift/bucketlift-0a1b2c3d-nightly"
WHO = f'User: {ROLE} is not authorized to perform: {{}} on resource: "arn:aws:s3:::drop/in/a.csv"'


def refusal(code: str, message: str, call: str = "GetObject", status: int = 403) -> BucketliftError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return translate(ClientError(response, call), "s3://drop/in/a.csv")


@pytest.mark.parametrize(
    "policy",
    [
        "a service control policy",
        "a resource control policy",
        "a VPC endpoint policy",
        "a resource-based policy",
        "a permissions boundary",
        "a session policy",
        "an identity-based policy",
    ],
)
@pytest.mark.parametrize(
    ("call", "action"),
    [("GetObject", "s3:GetObject"), ("AssumeRole", "sts:AssumeRole"), ("GetObject", "kms:Decrypt")],
)
def test_an_explicit_deny_is_told_as_that_and_no_grant_is_asked_for(
    call: str, action: str, policy: str
) -> None:
    meant = refusal("AccessDenied", f"{WHO.format(action)} with an explicit deny in {policy}", call)

    assert isinstance(meant, AccessRefused)
    assert meant.hint.startswith(f"An explicit deny in a {policy.split(' ', 1)[1].lower()} forbids {action}")
    assert "Grant" not in meant.hint
    assert "trust policy" not in meant.hint
    assert ROLE in meant.hint


@pytest.mark.parametrize("policy", ["service control policy", "VPC endpoint policy", "permissions boundary"])
def test_a_policy_that_does_not_allow_is_named(policy: str) -> None:
    meant = refusal(
        "AccessDenied", f"{WHO.format('s3:GetObject')} because no {policy} allows the s3:GetObject action"
    )

    assert meant.hint.startswith(f"The {policy.lower()} does not allow s3:GetObject")


@pytest.mark.parametrize(
    ("why", "hint"),
    [
        (
            "because no identity-based policy allows the sts:AssumeRole action",
            "Grant sts:AssumeRole on the role",
        ),
        (
            "because no resource-based policy allows the sts:AssumeRole action",
            "Check the role's ARN and its trust policy",
        ),
        ("", "Check the role's ARN and its trust policy"),
    ],
)
def test_a_role_that_cannot_be_assumed_says_on_which_side(why: str, hint: str) -> None:
    meant = refusal("AccessDenied", f"{WHO.format('sts:AssumeRole')} {why}", "AssumeRole")

    assert meant.hint.startswith(hint)


@pytest.mark.parametrize("call", ["AssumeRole", "GetObject"])
def test_a_region_that_is_not_enabled_is_named(call: str) -> None:
    words = "STS is not activated in this region for account:111122223333."

    meant = refusal("RegionDisabledException", words, call)

    assert "has not enabled this region" in meant.hint
    assert "trust policy" not in meant.hint
    assert words in meant.hint


@pytest.mark.parametrize(
    ("code", "message", "call", "status", "kind"),
    [
        (
            "InvalidRequest",
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
            "GetObject",
            400,
            ObjectEncrypted,
        ),
        (
            "AccessDenied",
            "Access Denied because object protected by object lock.",
            "DeleteObject",
            403,
            ObjectLocked,
        ),
        (
            "ObjectLocked",
            "Object is WORM protected and cannot be overwritten",
            "CopyObject",
            400,
            ObjectLocked,
        ),
        ("InvalidRequest", "Object is under retention", "DeleteObjects", 400, ObjectLocked),
        ("NoSuchKey", "The specified key does not exist.", "ListObjectsV2", 404, NotFound),
        ("407", "Proxy Authentication Required", "ListObjectsV2", 407, NeedsPerson),
        ("Strange", "Something of this store's own", "PutObject", 400, NeedsPerson),
    ],
)
def test_what_the_store_says_has_its_meaning_and_a_hint(
    code: str, message: str, call: str, status: int, kind: type[BucketliftError]
) -> None:
    meant = refusal(code, message, call, status)

    assert type(meant) is kind
    assert len(meant.hint) > 20
    assert code == "407" or message in meant.hint
    assert "Grant" not in meant.hint


@pytest.mark.parametrize(
    ("error", "kind", "hint"),
    [
        (
            SSLError(
                endpoint_url="https://s",
                error=OSError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"),
            ),
            NeedsPerson,
            "BUCKETLIFT_CA_BUNDLE",
        ),
        (
            SSLError(endpoint_url="https://s", error=OSError("[SSL: WRONG_VERSION_NUMBER]")),
            NeedsPerson,
            "http://",
        ),
        (
            SSLError(endpoint_url="https://s", error=OSError("UNEXPECTED_EOF_WHILE_READING")),
            StoreUnavailable,
            "next run",
        ),
        (
            ProxyConnectionError(
                proxy_url="http://proxy:3128",
                error=OSError("Tunnel connection failed: 407 Proxy Authentication Required"),
            ),
            NeedsPerson,
            "HTTPS_PROXY",
        ),
        (UnauthorizedSSOTokenError(), AccessRefused, "aws sso login"),
        (
            TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed"),
            AccessRefused,
            "sso",
        ),
    ],
)
def test_what_happens_on_the_way_is_told_with_what_to_do(
    error: Exception, kind: type[BucketliftError], hint: str
) -> None:
    meant = translate(error, "s3://drop")

    assert isinstance(meant, kind)
    assert isinstance(meant, Transient) is (kind is StoreUnavailable)
    assert hint in meant.hint


@pytest.mark.parametrize(
    ("said", "cleaned"),
    [
        ("The key AKIAIOSFODNN7EXAMPLE is unknown", "The key <access key> is unknown"),
        ("Credential=ASIAX/2026/us-east-1/s3 is wrong", "Credential=<removed> is wrong"),
        ("X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0 differs", "X-Amz-Signature=<removed> differs"),
        (f"the token {'aB3/' * 20} has ended", "the token <removed> has ended"),
        ("proxy http://ann:secret@proxy:3128 said no", "proxy http://<removed>@proxy:3128 said no"),
        (
            "The signature does not match. The Canonical String for this request should have been \n'GET\nx-amz-security-token:FwoG'",
            "The signature does not match.",
        ),
        (
            f"{ROLE} may not read arn:aws:s3:::drop/{'long/' * 12}a.csv",
            f"{ROLE} may not read arn:aws:s3:::drop/{'long/' * 12}a.csv",
        ),
        ("two\nlines", "two lines"),
    ],
)
def test_secrets_are_taken_out_of_foreign_words(said: str, cleaned: str) -> None:
    assert clean(said) == cleaned


@pytest.fixture
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def a_client() -> Any:
    account = S3Compatible(
        endpoint_url="https://s", access_key=EnvSecret(env="A"), secret_key=EnvSecret(env="B")
    )
    return make_client(
        Signer(account=account, keys=("a", "b"), session_policies=(), session_name="t", timeouts=USUAL)
    )


@pytest.mark.usefixtures("no_bundle")
@pytest.mark.parametrize("position", range(len(VARIABLES)))
def test_the_first_variable_that_is_set_names_the_authorities_for_every_client(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, position: int
) -> None:
    for number, name in enumerate(VARIABLES[position:]):
        path = tmp_path / f"{number}.pem"
        path.write_bytes(Path(certifi.where()).read_bytes())
        monkeypatch.setenv(name, str(path))

    client = a_client()

    assert bundle() == str(tmp_path / "0.pem")
    assert client._endpoint.http_session._verify == str(tmp_path / "0.pem")
    assert context().cert_store_stats()["x509_ca"] > 1


@pytest.mark.usefixtures("no_bundle")
@pytest.mark.parametrize("content", [None, ""])
def test_a_bundle_without_certificates_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("BUCKETLIFT_CA_BUNDLE", str(path))

    with pytest.raises(NeedsPerson, match="BUCKETLIFT_CA_BUNDLE does not name a readable certificate file"):
        a_client()
