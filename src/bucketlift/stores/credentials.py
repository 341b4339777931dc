"""Bucketlift's own AWS credentials. Any error of their source becomes one error with a hint."""

from __future__ import annotations

import getpass
import logging
import sys
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from bucketlift.errors import AccessRefused, BucketliftError
from bucketlift.stores.wording import clean

# Botocore logs each failure with a traceback on standard error; our error has the same information.
logging.getLogger("botocore.credentials").setLevel(logging.CRITICAL)
logging.getLogger("botocore.tokens").setLevel(logging.CRITICAL)


_NO_MFA = (
    "Set AWS_PROFILE to a profile without mfa_serial, or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to the "
    "keys of a session created with the code (aws sts get-session-token, or aws sts assume-role). Then run again. "
    'The question was: "{asked}"'
)


class CredentialsUnusable(BotoCoreError):
    """The source of the credentials failed, or returned expired or invalid credentials.

    botocore raises many kinds of errors here, among them RuntimeError, KeyError, and JSON and date errors.
    """

    fmt = "{why}"

    def __init__(self, error: Exception) -> None:
        super().__init__(why=f"{type(error).__name__}: {error}")


class Guarded:
    """Credentials of botocore. If their renewal fails, only CredentialsUnusable is raised."""

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def get_frozen_credentials(self) -> Any:
        try:
            return self._credentials.get_frozen_credentials()
        except Exception as error:
            if is_clear(error):
                raise
            raise CredentialsUnusable(error) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._credentials, name)


def guard(session: Session) -> bool:
    """Find a session's credentials, and let their renewal raise only CredentialsUnusable. Returns False if
    the session has none.

    Raises:
        CredentialsUnusable: the source of the credentials failed.
    """
    try:
        _prompt_only_at_terminal(session)
        found = session.get_credentials()
    except Exception as error:
        if is_clear(error):
            raise
        raise CredentialsUnusable(error) from error
    if found is None:
        return False
    set_credentials(session, found)
    return True


def _prompt_only_at_terminal(session: Session) -> None:
    """Let botocore ask for an MFA code only if there is a terminal. By default it always asks on standard
    input, and has no public setting for this.
    """
    profile = session.profile or "default"
    provider = session.get_component("credential_provider").get_provider("assume-role")

    def ask(prompt: str) -> str:
        if sys.stdin is None or not sys.stdin.isatty():
            raise AccessRefused(
                f"The AWS profile {profile} requires the code of an MFA device, and there is no terminal to enter it",
                to="Bucketlift's own AWS identity",
                hint=_NO_MFA.format(asked=clean(prompt.rstrip(": "))),
            )
        return getpass.getpass(prompt)

    provider._prompter = ask  # noqa: SLF001 - see above


def set_credentials(session: Session, credentials: Any) -> None:
    """Let a session sign with credentials that renew themselves. Botocore has no public way to do this."""
    session._credentials = Guarded(credentials)  # type: ignore[attr-defined] # noqa: SLF001 - see above


def is_clear(error: Exception) -> bool:
    """Whether the error is clear without a hint, for example that a role could not be assumed."""
    return isinstance(error, BotoCoreError | ClientError | BucketliftError)
