"""One request to the server, from which the operation, bucket and key are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_to_bytes

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")

_BUCKET_OPERATIONS = {
    ("GET", "uploads"): "ListMultipartUploads",
    ("GET", "list-type"): "ListObjectsV2",
    ("GET", ""): "ListObjects",
    ("PUT", ""): "CreateBucket",
    ("DELETE", ""): "DeleteBucket",
    ("HEAD", ""): "HeadBucket",
    ("POST", "delete"): "DeleteObjects",
}
_KEY_OPERATIONS = {
    ("GET", "uploadId"): "ListParts",
    ("GET", "tagging"): "GetObjectTagging",
    ("GET", ""): "GetObject",
    ("HEAD", ""): "HeadObject",
    ("PUT", "partNumber"): "UploadPart",
    ("PUT", "tagging"): "PutObjectTagging",
    ("PUT", ""): "PutObject",
    ("POST", "uploads"): "CreateMultipartUpload",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("POST", "restore"): "RestoreObject",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("DELETE", "tagging"): "DeleteObjectTagging",
    ("DELETE", ""): "DeleteObject",
}
_COPIES = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    service: str
    """The service to which the request is signed: ``s3``, ``sts`` or ``iam``."""
    operation: str
    target: str
    """The path and the query, unchanged."""
    bucket: str
    key: str
    query: dict[str, str]
    headers: dict[str, str]
    """The headers; their names are in lower case."""
    body: bytes
    access_key: str
    region: str
    """The region to which the request is signed."""
    token: str
    ignored: frozenset[str] = frozenset()
    """Parameters of the query that the store ignores."""

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a call to STS or IAM."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def copy_source(self) -> tuple[str, str] | None:
        """The bucket and key of the object that a copy reads; None if the request is not a copy."""
        header = self.headers.get("x-amz-copy-source")
        if header is None:
            return None
        bucket, _, key = header.split("?", 1)[0].lstrip("/").partition("/")
        return bucket, _decoded(key)


def read_request(environ: dict[str, Any]) -> Request:
    path, _, query_string = str(environ["RAW_URI"]).partition("?")
    bucket, _, key = path.lstrip("/").partition("/")
    headers = _headers(environ)
    query = dict(parse_qsl(query_string, keep_blank_values=True, errors="surrogatepass"))
    access_key, region, service = _signer(headers)
    body = _body(environ)
    operation = _operation(environ["REQUEST_METHOD"], bool(bucket), bool(key), query, headers)
    if service != "s3":
        operation = dict(parse_qsl(body.decode())).get("Action", "")
    return Request(
        method=environ["REQUEST_METHOD"],
        service=service,
        operation=operation,
        target=str(environ["RAW_URI"]),
        bucket=unquote(bucket),
        key=_decoded(key),
        query=query,
        headers=headers,
        body=body,
        access_key=access_key,
        region=region,
        token=headers.get("x-amz-security-token", ""),
    )


def _decoded(quoted: str) -> str:
    return unquote_to_bytes(quoted).decode("utf-8", "surrogatepass")


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = str(environ[name])
    return headers


def _body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        return bytes(stream.read())
    return bytes(stream.read(int(environ.get("CONTENT_LENGTH") or 0)))


def _signer(headers: dict[str, str]) -> tuple[str, str, str]:
    """The access key, region and service in the request's signature."""
    found = _CREDENTIAL.search(headers.get("authorization", ""))
    return (found[1], found[2], found[3]) if found else ("", "", "s3")


def _operation(method: str, bucket: bool, key: bool, query: dict[str, str], headers: dict[str, str]) -> str:  # noqa: FBT001 - both say only whether the path has such a part
    if not bucket:
        return "ListBuckets"
    table = _KEY_OPERATIONS if key else _BUCKET_OPERATIONS
    for (verb, parameter), operation in table.items():
        if verb == method and (parameter in query or not parameter):
            return _COPIES.get(operation, operation) if "x-amz-copy-source" in headers else operation
    return method
