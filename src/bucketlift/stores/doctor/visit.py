"""One visit of the doctor. Each call returns the store's answer, or adds a finding."""

from __future__ import annotations

from typing import Any, NoReturn

from botocore.exceptions import ClientError

from bucketlift.errors import AccessRefused, BucketliftError, StoreUnavailable, Transient
from bucketlift.model.account import S3Account, S3Compatible
from bucketlift.model.finding import Examination, Finding, Health
from bucketlift.model.source import Honoured, Place, Precondition
from bucketlift.stores.calls import FOREIGN, Calls
from bucketlift.stores.probes import Probes
from bucketlift.stores.translation import (
    OWN_KEYS_REFUSED,
    WRONG_REGION,
    action_named,
    code_of,
    denial_of,
    is_skewed,
    translate,
)
from bucketlift.stores.transport import NO_IDENTITY_FOUND
from bucketlift.stores.wording import with_answer

_KEYS_REFUSED = OWN_KEYS_REFUSED | {"InvalidAccessKeyId", "InvalidToken"}
_ENTRIES = {"aws-role": "role", "aws": "identity", "aws-keys": "keys", "s3-compatible": "keys"}
_ENTERED = {
    "aws-role": "The role was assumed with the account's external ID",
    "aws": "Bucketlift's own identity was accepted",
    "aws-keys": "The keys were accepted. AWS keys are deprecated: use a role for the account",
    "s3-compatible": "The keys were accepted",
}


class ShutOutError(Exception):
    """No further call can succeed, because the store would refuse each for the reason that is in the
    findings.
    """


class Visit:
    def __init__(self, calls: Calls, probes: Probes, account: S3Account) -> None:
        self._calls = calls
        self._probes = probes
        self._account = account
        self._findings: list[Finding] = []
        self._honoured: dict[tuple[str, Precondition], Honoured] = {}
        self.open_to: tuple[str, ...] | None = None

    @property
    def is_aws(self) -> bool:
        return not isinstance(self._account, S3Compatible)

    @property
    def _owner(self) -> str | None:
        return None if isinstance(self._account, S3Compatible) else self._account.bucket_owner

    @property
    def account(self) -> S3Account:
        return self._account

    def examination(self) -> Examination:
        return Examination(
            findings=tuple(self._findings), honoured=dict(self._honoured), open_to=self.open_to
        )

    def add_finding(self, check: str, health: Health, what: str, hint: str = "") -> None:
        self._findings.append(Finding(check=check, health=health, what=what, hint=hint))

    def ok(self, check: str, what: str) -> None:
        self.add_finding(check, Health.OK, what)

    def entered(self) -> None:
        """Record that the store accepted the credentials, so that later refusals are about permissions."""
        kind = self._account.kind
        health = Health.WARNING if kind == "aws-keys" else Health.OK
        self.add_finding(_ENTRIES[kind], health, _ENTERED[kind])

    def is_ok(self, check: str) -> bool:
        return any(each.check == check and each.health is Health.OK for each in self._findings)

    def raw(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Make a call and return the store's answer. Raises boto3's errors, except those that block every
        call.

        Raises:
            ShutOutError: no further call can succeed.
        """
        try:
            return self._calls.raw(operation, **arguments)
        except FOREIGN as error:
            shut = self._shut_out(error)
            if shut is None:
                raise
            self._findings.append(shut)
            raise ShutOutError from error

    def shut_out(self, error: Exception) -> NoReturn:
        """Record that the store refused the credentials.

        Raises:
            ShutOutError: always; the findings contain the reason.
        """
        shut = self._shut_out(error)
        if shut is None:
            translated = translate(error, self._account.store)
            shut = Finding(
                check=_ENTRIES[self._account.kind],
                health=Health.UNKNOWN,
                what=translated.what,
                hint=translated.hint,
            )
        self._findings.append(shut)
        raise ShutOutError from error

    def ask(self, check: str, right: str, to: str, operation: str, **arguments: Any) -> dict[str, Any] | None:
        """Make a call and return the store's answer; None if the store refused the call, which adds a
        finding. ``right`` is the permission that the call needs.
        """
        try:
            return self.raw(operation, **arguments)
        except FOREIGN as error:
            self.refused(check, error, to, f"Grant {right}.")
            return None

    def refused(self, check: str, error: Exception, to: str, hint: str) -> None:
        """Add a finding with the missing permission: the one that the store's message names, otherwise those
        that the call needs.
        """
        translated = translate(error, to)
        named = action_named(error)
        if isinstance(error, ClientError) and code_of(error) in WRONG_REGION:
            check = "region"
        elif isinstance(translated, AccessRefused) and named and named.startswith("kms:"):
            check, hint = (
                "kms",
                denial_of(error)
                or f"Grant {named} on the bucket's KMS key, in the role's policy and in the key's policy.",
            )
        elif not _is_denied(translated, error) or denial_of(error) is not None:
            hint = translated.hint
        else:
            hint = with_answer(hint, error)
        if _is_denied(translated, error) and denial_of(error) is None and self._owner is not None:
            hint = f"{hint} Another possible cause: the bucket does not belong to AWS account {self._owner}, the account's bucket_owner."
        health = Health.UNKNOWN if isinstance(translated, Transient) else Health.MISSING
        self.add_finding(check, health, f"{translated.what}: {to}", hint)

    def probe(self, check: str, precondition: Precondition, at: Place) -> Honoured | None:
        """Test whether the store obeys a precondition, and store the result for later calls. None if the
        store did not answer clearly.
        """
        try:
            answer = self._probes.probe(precondition, at)
        except BucketliftError as error:
            health = Health.UNKNOWN if isinstance(error, Transient) else Health.MISSING
            self.add_finding(check, health, f"{error.what}: {error.to}", error.hint)
            return None
        self._honoured[at.bucket, precondition] = answer
        return answer

    def _shut_out(self, error: Exception) -> Finding | None:
        translated = translate(error, self._account.store)
        if is_skewed(error):
            return Finding(check="clock", health=Health.MISSING, what=translated.what, hint=translated.hint)
        code = code_of(error) if isinstance(error, ClientError) else ""
        assuming = isinstance(error, ClientError) and error.operation_name == "AssumeRole"
        if assuming or code in _KEYS_REFUSED or isinstance(error, NO_IDENTITY_FOUND):
            entry = _ENTRIES[self._account.kind]
            return Finding(check=entry, health=Health.MISSING, what=translated.what, hint=translated.hint)
        if isinstance(translated, StoreUnavailable) and not isinstance(error, ClientError):
            return Finding(check="reach", health=Health.MISSING, what=translated.what, hint=translated.hint)
        return None


def _is_denied(translated: BucketliftError, error: Exception) -> bool:
    return (
        isinstance(translated, AccessRefused)
        and isinstance(error, ClientError)
        and code_of(error) in ("AccessDenied", "403", "Forbidden")
    )
