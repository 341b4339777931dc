"""Recognises invalid bucket names, and suggests corrections.

Reference: the S3 user guide, "Bucket naming rules" and "Access point aliases".
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

ALIAS = "-s3alias"
"""Suffix of the alias of an access point. The alias can be used in place of a bucket's name."""

_WRONG = tuple(
    (re.compile(pattern), what, hint)
    for pattern, what, hint in (
        (
            r"arn:[a-z-]+:s3:::(?P<name>[^/]+)/?(?P<rest>.*)\Z",
            "this is an ARN, not a bucket's name",
            "Write bucket: {name}{rest}.",
        ),
        (
            r"arn:",
            "the ARN of an access point cannot replace a bucket's name",
            f"Write the access point's alias, which ends in {ALIAS} (the S3 console shows it).",
        ),
        (
            r"(?i)s3[an]?://(?P<name>[^/]+)/?(?P<rest>.*)\Z",
            "this is an address, not a bucket's name",
            "Write bucket: {name}{rest}.",
        ),
        (
            r".*(?:://|/)",
            "this is an address, not a bucket's name",
            "Write only the bucket's name, without a path.",
        ),
        (
            r"[^:]*:(?P<name>.*)\Z",
            "a tenant is not part of a bucket's name",
            "Write {name}: the store takes the tenant from the account's access key.",
        ),
        (
            r".*--x-s3\Z",
            "directory buckets (S3 Express One Zone) cannot be read",
            "Use a general purpose bucket: listings of S3 Express have no order, and its copies are not create-only.",
        ),
        (
            r".*--ol-s3\Z",
            "Object Lambda access points cannot be read",
            "Write the bucket, or the alias of a plain access point: the output of a Lambda function has no ETag.",
        ),
    )
)


def misnamed_bucket(name: str) -> tuple[str, str] | None:
    """The problem of a bucket's name, and the name to write in its place; None if the name is valid."""
    for pattern, what, hint in _WRONG:
        if found := pattern.match(name):
            parts = found.groupdict()
            rest = f" and prefix: {parts['rest']}" if parts.get("rest") else ""
            return what, hint.format(name=parts.get("name", ""), rest=rest)
    return None


def names_bucket(endpoint_url: str, bucket: str) -> bool:
    """Whether a store's address contains the bucket's name, as the last segment of its path or in its host."""
    parts = urlsplit(endpoint_url)
    host = parts.hostname or ""
    return parts.path.rstrip("/").rpartition("/")[2] == bucket or host.startswith(f"{bucket.lower()}.s3")
