"""Makes pinned GETs of many small objects, without the time that boto3 needs for each call."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest

from bucketlift.model.source import SourceObject
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.sessions import Connection

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from urllib3 import HTTPConnectionPool

WARM = 10
"""Number of GETs of a bucket that use boto3 first. For fewer files, the set-up of the fast way takes longer
than it saves.
"""
SMALL = 1 << 20
"""Maximum size of an object that is fetched in the fast way. For a larger one, the transfer of the body takes
most of the time, so the fast way saves nothing.
"""

_PROBE = "k"


class QuickGets:
    """Signs with botocore's signer and sends with its HTTP session, so the credentials, proxies and
    certificates are the same.

    It has none of boto3's retries, redirects, session renewal, error classes and checksums. So an answer is
    used only if it is 200 and has the pinned ETag; otherwise the request is repeated with boto3.
    """

    def __init__(
        self, connection: Connection, bucket_owner: str | None, *, requester_pays: bool = False
    ) -> None:
        self._connection = connection
        self._owner = {} if bucket_owner is None else {"x-amz-expected-bucket-owner": bucket_owner}
        if requester_pays:
            self._owner["x-amz-request-payer"] = "requester"
        self._seen = Counter[str]()
        self._off: set[str] = set()
        self._ways: dict[str, _Route] = {}
        self._lock = threading.Lock()

    def suits(self, source: SourceObject) -> bool:
        """Whether to use the fast way for this object. The first few GETs of a bucket use boto3."""
        if source.size > SMALL or source.bucket in self._off:
            return False
        with self._lock:
            self._seen[source.bucket] += 1
            return self._seen[source.bucket] > WARM

    def leave(self, bucket: str) -> None:
        """Use boto3 for this bucket from now on."""
        self._off.add(bucket)

    def get(self, source: SourceObject) -> dict[str, Any] | None:
        """The parts of boto3's answer that are used later, with the body as bytes; None if boto3 must be
        used.
        """
        try:
            answer = self._send(source)
            etag, length = answer.headers.get("etag", ""), answer.headers.get("content-length", "")
            if (answer.status, etag.strip('"'), length) != (200, source.etag, str(source.size)):
                answer.close()
                return None
            body = answer.read()
        except FOREIGN:
            return None
        if len(body) != source.size:
            return None
        return {"Body": body, "ETag": etag, "ContentLength": source.size, **_encryption(answer.headers)}

    def _send(self, source: SourceObject) -> Any:
        client: Any = self._connection.client
        path = quote(source.key, safe="/~")
        way = self._ways.get(source.bucket)
        base = way.base if way is not None and way.client is client else self._base(client, source.bucket)
        headers = {"If-Match": f'"{source.etag}"', "User-Agent": client.meta.config.user_agent, **self._owner}
        request: Any = AWSRequest("GET", f"{base}{path}", headers=headers, stream_output=True)
        # Botocore has no public way to get the signer and HTTP session of a client.
        credentials = client._request_signer._credentials.get_frozen_credentials()  # noqa: SLF001
        S3SigV4Auth(credentials, "s3", client.meta.region_name).add_auth(request)
        if way is not None and way.client is client:
            return way.pool.urlopen(
                "GET",
                f"{way.path}{path}",
                headers=dict(request.headers.items()),
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
            )
        answer = client._endpoint.http_session.send(request.prepare()).raw  # noqa: SLF001
        self._remember(client, source.bucket, base, answer)
        return answer

    def _remember(self, client: S3Client, bucket: str, base: str, answer: Any) -> None:
        """Keep the connection pool of an answer, with its certificates and timeouts. Pools of proxies are not
        kept.
        """
        pool = answer._pool  # noqa: SLF001 - nor has urllib3 one to what sent a request
        if pool is not None and pool.proxy is None:
            self._ways[bucket] = _Route(client=client, base=base, path=urlsplit(base).path, pool=pool)

    def _base(self, client: S3Client, bucket: str) -> str:
        """The base URL of a bucket's objects, as boto3 resolves it."""
        url = urlsplit(client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": _PROBE}))
        return f"{url.scheme}://{url.netloc}{url.path.removesuffix(_PROBE)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """The client, URL and connection pool for the objects of a bucket."""

    client: S3Client
    base: str
    path: str
    pool: HTTPConnectionPool


def _encryption(headers: Any) -> dict[str, str]:
    """The headers that show whether the ETag is the MD5 of the bytes."""
    names = {
        "ServerSideEncryption": "x-amz-server-side-encryption",
        "SSECustomerAlgorithm": "x-amz-server-side-encryption-customer-algorithm",
    }
    return {name: headers[header] for name, header in names.items() if header in headers}
