"""A server for S3, STS and IAM on loopback, for the demo and for tests. It is as strict as AWS where moto is
not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bucketlift.errors import RequestWrong
from bucketlift.model.source import Precondition
from bucketlift.testing.answer import Answer
from bucketlift.testing.backing import Backing
from bucketlift.testing.callers import Caller, Callers, new_key
from bucketlift.testing.faults import Faults
from bucketlift.testing.listener import Listener
from bucketlift.testing.log import RequestLog
from bucketlift.testing.persistence import StateFile
from bucketlift.testing.request import Request
from bucketlift.testing.strict import StrictStore
from bucketlift.testing.wire import Wire

ACCESS_KEY = "AKIAOPERATOROFSERVER"
SECRET_KEY = "the-operator-of-the-embedded-server"  # noqa: S105 - lets in to a server on loopback that holds samples
REGION = "us-east-1"


class S3Server:
    """A server that listens until ``stop()``. Use it in a ``with`` block.

    It ignores the preconditions in ``weak``, as some stores do. ``hides_missing``: a role whose ListBucket is
    limited to a prefix gets 403 for a missing key. With ``state``, the content is stored in this file.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        state: Path | None = None,
        weak: Collection[Precondition] = (),
        hides_missing: bool = False,
    ) -> None:
        self.access_key = ACCESS_KEY
        self.secret_key = SECRET_KEY
        self.faults = Faults()
        self.log = RequestLog()
        self._state = StateFile(state) if state is not None else None
        self._backing = Backing(self._state.account() if self._state else None)
        if self._state is not None:
            self._state.put_account(self.account)
        self._callers = Callers()
        self._operator = Caller(
            arn=f"arn:aws:iam::{self.account}:user/operator",
            access_key=self.access_key,
            secret_key=self.secret_key,
        )
        self._callers.add(self._operator)
        self._store = StrictStore(
            self._backing, self._callers, weak=frozenset(weak), hides_missing=hides_missing, state=self._state
        )
        self._load()
        self._listener = Listener(Wire(self._store, self.faults, self.log), port)

    @property
    def url(self) -> str:
        return self._listener.url

    @property
    def account(self) -> str:
        """The ID of the AWS account that owns every bucket and role of this server."""
        return self._backing.account

    def stop(self) -> None:
        self._listener.stop()
        self._backing.close()
        if self._state is not None:
            self._state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with this server's address and its operator's keys."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": REGION,
        }

    # Methods without HTTP, with which a test prepares and inspects the server

    def make_bucket(self, name: str, *, region: str = REGION) -> None:
        """Create a bucket if it does not exist. An existing bucket keeps its objects."""
        if name in self._backing.buckets():
            return
        self._backing.restore_bucket(name, region)
        if self._state is not None:
            self._state.put_bucket(name, region)

    def put(self, bucket: str, key: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> str:
        """Store an object. Returns the ETag of the object. ``headers``: S3 headers, such as
        ``x-amz-tagging``.
        """
        if headers is None:
            return self._put_plain(bucket, key, body)
        answer = self._carry_out("PUT", "PutObject", bucket, key, headers=headers, body=body)
        if not answer.succeeded:
            raise RequestWrong(
                f"The embedded server refused the request ({answer.status})", to=f"s3://{bucket}/{key}"
            )
        return answer.headers["etag"].strip('"')

    def delete(self, bucket: str, key: str) -> None:
        self._carry_out("DELETE", "DeleteObject", bucket, key)

    def restore(self, bucket: str, key: str) -> None:
        """Restore an object from an archive tier immediately, for one day."""
        body = b"<RestoreRequest><Days>1</Days></RestoreRequest>"
        self._carry_out("POST", "RestoreObject", bucket, key, query={"restore": ""}, body=body)

    def empty(self, bucket: str) -> None:
        for key in self.objects(bucket):
            self.delete(bucket, key)

    def objects(self, bucket: str) -> dict[str, bytes]:
        """The bytes of every object of a bucket, in the order of the keys."""
        return self._backing.bodies(bucket)

    def buckets(self) -> list[str]:
        return sorted(self._backing.buckets())

    def make_role(self, name: str, external_id: str, policy_statements: Sequence[Mapping[str, Any]]) -> str:
        """Create a role that trusts this account's callers with the external ID, and that has these
        permissions. Returns its ARN.

        An existing role with this name is replaced.
        """
        trust = self._trusting({"StringEquals": {"sts:ExternalId": external_id}})
        self._forget_role(name)
        self._iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=_document([trust]))
        self._iam(
            "PutRolePolicy", RoleName=name, PolicyName="granted", PolicyDocument=_document(policy_statements)
        )
        return f"arn:aws:iam::{self.account}:role/{name}"

    def make_user(self, name: str, policy_statements: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
        """Create a user with these permissions. Returns the access key and the secret key. Users are not
        stored in the state file.
        """
        caller = Caller(
            arn=f"arn:aws:iam::{self.account}:user/{name}",
            access_key=new_key("AKIA"),
            secret_key=f"secret-of-{name}",
            grants=(tuple(policy_statements),),
        )
        self._callers.add(caller)
        return caller.access_key, caller.secret_key

    def let_requester_pay(self, bucket: str) -> None:
        """Refuse every call on the bucket whose caller does not agree to pay for it."""
        self._store.requester_pays.add(bucket)

    def expire_sessions(self) -> None:
        """End every assumed session immediately. New sessions can be assumed afterwards."""
        self._callers.expire_sessions()

    def clock_is_ahead(self, by: timedelta) -> None:
        """Set the server's clock ahead of the machine's clock by this time; a negative time sets it back."""
        self._store.ahead = by

    def trust(self, role: str, condition: Mapping[str, Any]) -> None:
        """Let a role trust this account's callers, but only with this condition."""
        document = _document([self._trusting(condition)])
        self._iam("UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=document)

    def _trusting(self, condition: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"},
            "Action": "sts:AssumeRole",
            "Condition": condition,
        }

    def distrust(self, role: str) -> None:
        """Remove all trust from a role. Sessions that are assumed already stay until they expire."""
        denied = {**self._trusting({}), "Effect": "Deny"}
        self._iam("UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=_document([denied]))

    def sessions_last(self, longest: timedelta) -> None:
        """Limit the duration of the sessions that are assumed from now on."""
        self._store.sts.longest = longest

    def _put_plain(self, bucket: str, key: str, body: bytes) -> str:
        etag = self._backing.put(bucket, key, body)
        stored = self._backing.stored(bucket, key)
        if self._state is not None and stored is not None:
            self._state.put_object(bucket, key, stored)
        return etag

    def _iam(self, action: str, **parameters: str) -> None:
        answer = self._store.roles.call({"Action": action, **parameters})
        if not answer.succeeded:
            raise RequestWrong(f"The embedded server refused {action} ({answer.status})")

    def _forget_role(self, name: str) -> None:
        if name in self._store.roles.names():
            self._iam("DeleteRolePolicy", RoleName=name, PolicyName="granted")
            self._iam("DeleteRole", RoleName=name)

    def _carry_out(
        self,
        method: str,
        operation: str,
        bucket: str,
        key: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        region = self._backing.buckets().get(bucket, REGION)
        credential = f"{self.access_key}/20260101/{region}/s3/aws4_request"
        request = Request(
            method=method,
            service="s3",
            operation=operation,
            target="",
            bucket=bucket,
            key=key,
            query=dict(query or {}),
            headers={"authorization": f"AWS4-HMAC-SHA256 Credential={credential}", **(headers or {})},
            body=body,
            access_key=self.access_key,
            region=region,
            token="",
        )
        return self._store.carry_out(request, self._operator)

    def _load(self) -> None:
        if self._state is None:
            return
        for name, region in self._state.buckets().items():
            self._backing.restore_bucket(name, region)
        for bucket, key, stored in self._state.objects():
            self._backing.restore(bucket, key, stored)
        for name, trust, policies in self._state.roles():
            self._iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=trust)
            for policy, document in policies.items():
                self._iam("PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=document)


def _document(policy_statements: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(policy_statements)})
