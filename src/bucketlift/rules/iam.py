"""IAM policies: the trust policy of a role, its minimal permissions, and the policy of each session.

Reference: the IAM user guide on policy elements and policy variables, the S3 user guide on required
permissions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bucketlift.model.source import Selection
from bucketlift.model.workflow import AfterImport, Delete, Keep, Move, Rename
from bucketlift.rules.bucket_names import ALIAS

MAX_SESSION_POLICY = 2048
"""The maximum number of characters of a session policy (limit of STS). For a longer policy, its prefixes are
shortened.
"""

MAX_SESSION_NAME = 64
"""The maximum number of characters of a session's name (limit of STS).

The owner of the bucket sees the name in CloudTrail.
"""

PROBES = ".bucketlift/"
"""The part after the prefix in the keys of the doctor's probes."""

Statement = Mapping[str, Any]

_DNS_SUFFIX = {"aws-cn": "amazonaws.com.cn"}
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_+=,.@-]")
_VARIABLES = str.maketrans({"*": "${*}", "?": "${?}", "$": "${$}"})


def session_name(installation: str, workflow: str) -> str:
    """The name of a session: installation and workflow, in ASCII characters that STS allows."""
    name = f"bucketlift-{installation[:8]}-{workflow}"
    return _NOT_IN_A_NAME.sub("-", name)[:MAX_SESSION_NAME]


def session_policy(selection: Selection, after_import: AfterImport, partition: str) -> str:
    """The policy of a session: only the permissions that one task needs, in at most 2,048 characters."""
    grant = _Grant(selection=selection, after_import=after_import, partition=partition)
    for length in range(grant.longest, 0, -1):
        policy = _compact([*grant.statements(length), _kms(partition)])
        if len(policy) <= MAX_SESSION_POLICY:
            return policy
    return _compact([*grant.statements(0), _kms(partition)])


def shorter_policies(selection: Selection, after_import: AfterImport, partition: str) -> tuple[str, ...]:
    """Shorter policies for a session whose tags leave little space (PackedPolicyTooLarge).

    The first is for whole buckets, the second has a single statement.

    They allow the same calls as the full policy, but on more keys of the same buckets. The role's own policy
    still applies.
    """
    grant = _Grant(selection=selection, after_import=after_import, partition=partition)
    through_any = _allow(["kms:Decrypt", "kms:GenerateDataKey"], ["*"])
    return (
        _compact([*grant.statements(0), through_any]),
        _compact([_allow(grant.actions(), grant.whole_buckets()), through_any]),
    )


def writing_policy(bucket: str, prefix: str, partition: str) -> str:
    """The policy of a session that creates objects below a prefix, in at most 2,048 characters."""
    grant = _Grant(
        selection=Selection(bucket=bucket, prefix=prefix), after_import=Keep(), partition=partition
    )
    return _compact([*grant.writing(), _kms(partition)])


def permission_policy(
    selection: Selection, after_import: AfterImport, partition: str, *, encrypted: bool = False
) -> str:
    """The minimal permissions for a role or for an IAM user with keys; ``encrypted`` if a bucket uses KMS
    keys.
    """
    grant = _Grant(selection=selection, after_import=after_import, partition=partition)
    kms = [_kms(partition)] if encrypted else []
    return _readable([*grant.statements(grant.longest), *kms])


def trust_policy(account_id: str, external_id: str, partition: str) -> str:
    """The trust policy that lets Bucketlift's account assume the role.

    Only requests with this account's external ID are allowed.
    """
    return _readable(
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{partition}:iam::{account_id}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id.translate(_VARIABLES)}},
            }
        ]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """Where copies are written: keys under these prefixes of one bucket, and probes under one prefix."""

    bucket: str
    prefixes: tuple[str, ...]
    probes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    selection: Selection
    after_import: AfterImport
    partition: str

    @property
    def longest(self) -> int:
        target = self._target()
        prefixes = (self.selection.prefix, *(target.prefixes if target else ()))
        return max(len(prefix) for prefix in prefixes)

    def actions(self) -> list[str]:
        named = [statement["Action"] for statement in self.statements(0)]
        each = [one for some in named for one in ([some] if isinstance(some, str) else some)]
        return list(dict.fromkeys(each))

    def whole_buckets(self) -> list[str]:
        target = self._target()
        buckets = dict.fromkeys((self.selection.bucket, *((target.bucket,) if target else ())))
        return [f"{self._bucket(bucket)}{end}" for bucket in buckets for end in ("", "/*")]

    def statements(self, length: int) -> list[Statement]:
        """The statements, with prefixes cut to ``length`` characters.

        Shorter prefixes allow more keys, including all keys of the full prefixes.
        """
        bucket, prefix = self.selection.bucket, self.selection.prefix
        target = self._target()
        read = ["s3:GetObject", *(["s3:GetObjectTagging"] if target else [])]
        read += [] if self.selection.restore is None else ["s3:RestoreObject"]
        remove = [] if isinstance(self.after_import, Keep) else ["s3:DeleteObject"]
        source = [
            self._listing(bucket, [prefix], length),
            _allow([*read, *remove], [self._objects(bucket, prefix, length)]),
        ]
        return source if target is None else [*source, *self._writing(target, length)]

    def _target(self) -> _Target | None:
        prefix = self.selection.prefix
        match self.after_import:
            case Keep() | Delete():
                return None
            case Move(bucket=bucket, prefix=before):
                return _Target(bucket=bucket, prefixes=(before + _stem(prefix),), probes=before)
            case Rename(prefix=before):
                folder, slash, rest = prefix.rpartition("/")
                beside = f"{folder}{slash}{before}{rest}"
                return _Target(
                    bucket=self.selection.bucket, prefixes=_outermost(prefix, beside), probes=prefix
                )

    def writing(self) -> list[Statement]:
        """The statements to create objects in the selection, and to test this with probes."""
        prefix = self.selection.prefix
        target = _Target(bucket=self.selection.bucket, prefixes=(prefix,), probes=prefix)
        return self._writing(target, len(prefix))

    def _writing(self, target: _Target, length: int) -> list[Statement]:
        write = ["s3:PutObject", "s3:PutObjectTagging", "s3:GetObject"]
        parts = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        objects = [self._objects(target.bucket, prefix, length) for prefix in target.prefixes]
        probes = self._probes(target.bucket, target.probes, length)
        return [
            self._listing(target.bucket, target.prefixes, length),
            _allow([*write, *parts], [*objects, probes]),
            _allow(["s3:DeleteObject"], [probes]),
        ]

    def _listing(self, bucket: str, prefixes: Iterable[str], length: int) -> Statement:
        statement = _allow(["s3:ListBucket"], [self._bucket(bucket)])
        cut = [prefix[:length] for prefix in prefixes]
        if "" in cut:
            return statement
        patterns = [f"{prefix.translate(_VARIABLES)}*" for prefix in cut]
        return {**statement, "Condition": {"StringLike": {"s3:prefix": _one_or_many(patterns)}}}

    def _objects(self, bucket: str, prefix: str, length: int) -> str:
        return f"{self._inside(bucket)}{prefix[:length].translate(_VARIABLES)}*"

    def _bucket(self, bucket: str) -> str:
        """The resource name of a bucket in IAM.

        Calls through the alias of an access point need permissions for the access point, not for the bucket.
        """
        if not bucket.endswith(ALIAS):
            return f"arn:{self.partition}:s3:::{bucket}"
        name = bucket.removesuffix(ALIAS).rpartition("-")[
            0
        ]  # without the account, and cut if the prefix is long
        return f"arn:{self.partition}:s3:*:*:accesspoint/{name}*"

    def _inside(self, bucket: str) -> str:
        return f"{self._bucket(bucket)}/{'object/' if bucket.endswith(ALIAS) else ''}"

    def _probes(self, bucket: str, prefix: str, length: int) -> str:
        rest = "" if len(prefix) <= length else "*"
        return f"{self._inside(bucket)}{prefix[:length].translate(_VARIABLES)}{rest}{PROBES}*"


def _stem(prefix: str) -> str:
    """The key without its extension, if it has one.

    If the new key is taken, a suffix is inserted before the extension.
    """
    folder, slash, rest = prefix.rpartition("/")
    return f"{folder}{slash}{rest.rpartition('.')[0] if '.' in rest else rest}"


def _outermost(prefix: str, beside: str) -> tuple[str, ...]:
    return (prefix,) if beside.startswith(prefix) else (prefix, beside)


def _kms(partition: str) -> Statement:
    """The statement for KMS keys.

    The key of the bucket is unknown here, so all keys are allowed, but only for calls through S3.
    """
    through = f"s3.*.{_DNS_SUFFIX.get(partition, 'amazonaws.com')}"
    statement = _allow(["kms:Decrypt", "kms:GenerateDataKey"], ["*"])
    return {**statement, "Condition": {"StringLike": {"kms:ViaService": through}}}


def _allow(actions: list[str], resources: list[str]) -> Statement:
    return {"Effect": "Allow", "Action": _one_or_many(actions), "Resource": _one_or_many(resources)}


def _one_or_many(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


# Characters above U+00FF are escaped: STS refuses them unescaped.


def _compact(policy: list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": policy}, separators=(",", ":"))


def _readable(policy: list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": policy}, indent=2)
