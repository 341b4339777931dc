"""Verifies that a request was signed with the secret key of its access key (AWS Signature Version 4)."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bucketlift.testing.callers import Caller
from bucketlift.testing.request import Request

_SIGNED = re.compile(r"SignedHeaders=([^,\s]+)")
_SIGNATURE = re.compile(r"Signature=([0-9a-f]{64})")


def signed_at(request: Request) -> datetime:
    """The time of signing that the request contains."""
    said = request.headers.get("x-amz-date", "")
    return datetime.strptime(said, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def is_signed_by(caller: Caller, request: Request) -> bool:
    """Whether the caller has signed the request. The request is signed again with the caller's key, and both
    signatures are compared.
    """
    authorization = request.headers.get("authorization", "")
    names, signature = _SIGNED.search(authorization), _SIGNATURE.search(authorization)
    if names is None or signature is None:
        return False
    kind = S3SigV4Auth if request.service == "s3" else SigV4Auth
    auth: Any = kind(Credentials(caller.access_key, caller.secret_key), request.service, request.region)
    again: Any = AWSRequest(
        method=request.method,
        url=f"http://{request.headers['host']}{request.target}",
        headers={name: request.headers.get(name, "") for name in names[1].split(";")},
        data=request.body,
    )
    again.context["timestamp"] = request.headers.get("x-amz-date", "")
    text = auth.string_to_sign(again, auth.canonical_request(again))
    return hmac.compare_digest(auth.signature(text, again), signature[1])
