"""Errors that occur before a store answers: credentials, certificates, proxies, the network."""

from __future__ import annotations

import re

from botocore.exceptions import (
    BotoCoreError,
    ConfigNotFound,
    ConfigParseError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    InvalidConfigError,
    InvalidProxiesConfigError,
    LoginError,
    MissingDependencyException,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    SSLError,
    SSOError,
    TokenRetrievalError,
    UnknownCredentialError,
)

from bucketlift import certificates
from bucketlift.errors import AccessRefused, BucketliftError, NeedsPerson, RequestWrong, StoreUnavailable
from bucketlift.stores.credentials import CredentialsUnusable
from bucketlift.stores.wording import clean, with_answer, with_answer_text

ENDED_IDENTITY = (SSOError, TokenRetrievalError, LoginError)
WRONG_SETTING = (
    ConfigNotFound,
    ConfigParseError,
    InvalidConfigError,
    MissingDependencyException,
    UnknownCredentialError,
)
"""Errors for a profile that cannot be read or contradicts itself. Another attempt does not help."""
NO_IDENTITY_FOUND = (
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    CredentialRetrievalError,
    CredentialsUnusable,
    *ENDED_IDENTITY,
)

NO_IDENTITY = "Give Bucketlift its own AWS identity (AWS_PROFILE, AWS_ACCESS_KEY_ID, an instance role)."
PROXY = (
    "Set the proxy's name and password in HTTPS_PROXY and HTTP_PROXY (http://NAME:PASSWORD@HOST:PORT), "
    "or add the store's host to NO_PROXY."
)
PROXY_ASKS = "The proxy requires a name and a password (407)"

_SIGN_IN = (
    "Sign in again on Bucketlift's machine (aws sso login), or give it an identity that does not expire."
)
_MEND = (
    "Renew or correct the source of this machine's AWS credentials: `aws sts get-caller-identity` must succeed for the same "
    "user with the same environment. Then run again."
)
_SETTING = (
    "Correct or unset this setting: check the AWS_... variables and the profile in ~/.aws/config. "
    "An endpoint starts with http:// or https://."
)
_ONE_LINE = (
    "Remove this character where the access key and the session token are set (AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN, the profile, or the "
    "account's keys): a secret created from a file often ends in a line break. Then run again."
)
_CHECK_ENDPOINT = "Check the account's region or endpoint, and this machine's network."
_NOT_TLS = "Check the address: use http:// instead of https://, or another port."
_CERTIFICATE = (
    "CERTIFICATE_VERIFY_FAILED",
    "certificate verify failed",
    "doesn't match",
    "Hostname mismatch",
)
_OBJECT = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?")
_NO_TLS_THERE = ("WRONG_VERSION_NUMBER", "wrong version number", "HTTP_REQUEST", "record layer failure")


def unreached(error: BotoCoreError, to: str) -> BucketliftError:
    """Translate a boto3 error that occurred without an answer from the store."""
    match error:
        case _ if isinstance(error, NO_IDENTITY_FOUND):
            return _without_identity(error, to)
        case _ if isinstance(error, WRONG_SETTING):
            return wrong_setting(error, to)
        case HTTPClientError() if "Invalid header value" in str(error):
            # The library's message is left out, because it contains the header with the token.
            what = "The access key or session token has a line break, or another character that is not allowed in a request"
            return AccessRefused(what, to=to, hint=_ONE_LINE)
        case SSLError():
            return _insecure(error, to)
        case ProxyConnectionError() | InvalidProxiesConfigError():
            return _proxied(error, to)
        case EndpointConnectionError():
            words = clean(f"{error} {_cause(error)}")
            return StoreUnavailable(
                "The store could not be reached", to=to, hint=with_answer_text(_CHECK_ENDPOINT, words)
            )
        case _:
            what = f"The store could not be reached ({type(error).__name__})"
            return StoreUnavailable(what, to=to, hint=with_answer(StoreUnavailable.default_hint, error))


def _without_identity(error: BotoCoreError, to: str) -> AccessRefused:
    if isinstance(error, ENDED_IDENTITY):
        what = f"The AWS session of Bucketlift's own identity has expired ({type(error).__name__})"
        return AccessRefused(what, to=to, hint=with_answer(_SIGN_IN, error))
    if isinstance(error, CredentialsUnusable | CredentialRetrievalError):
        what = "Bucketlift's own AWS credentials cannot be used"
        return AccessRefused(what, to=to, hint=with_answer(_MEND, error))
    hint = NO_IDENTITY if isinstance(error, NoCredentialsError) else with_answer(NO_IDENTITY, error)
    return AccessRefused("Found no AWS credentials", to=to, hint=hint)


def wrong_setting(error: Exception, to: str) -> RequestWrong:
    what = f"An AWS setting of this machine cannot be used ({type(error).__name__}: {clean(str(error))})"
    return RequestWrong(what, to=to, hint=_SETTING)


def _insecure(error: SSLError, to: str) -> BucketliftError:
    error_text = str(error)
    if any(words in error_text for words in _CERTIFICATE):
        what = "The certificate of the store, or of a proxy in front of it, is not trusted"
        return NeedsPerson(what, to=to, hint=with_answer(certificates.HINT, error))
    if any(words in error_text for words in _NO_TLS_THERE):
        return NeedsPerson(
            "The server at this address does not use TLS", to=to, hint=with_answer(_NOT_TLS, error)
        )
    what = "The store could not be reached (SSLError)"
    return StoreUnavailable(what, to=to, hint=with_answer(StoreUnavailable.default_hint, error))


def _cause(error: BotoCoreError) -> str:
    """The operating system's message, which botocore leaves out. Memory addresses are removed."""
    return _OBJECT.sub("", str(error.kwargs.get("error", "")))


def _proxied(error: BotoCoreError, to: str) -> BucketliftError:
    error_text = clean(f"{error} {_cause(error)}")
    if "407" in error_text:
        return NeedsPerson(PROXY_ASKS, to=to, hint=with_answer_text(PROXY, error_text))
    hint = with_answer_text("Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.", error_text)
    return StoreUnavailable("The proxy could not be reached", to=to, hint=hint)
