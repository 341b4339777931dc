"""Writes headings of errors in the words of the page: they name what could not be done, not the S3 call."""

from __future__ import annotations

import re

_FAILED = {
    "AbortMultipartUpload": "The copy of the file could not be cleaned up",
    "CompleteMultipartUpload": "The file could not be copied",
    "CopyObject": "The file could not be copied",
    "CreateMultipartUpload": "The file could not be copied",
    "DeleteObject": "The file could not be deleted",
    "DeleteObjects": "The files could not be deleted",
    "GetObject": "The file could not be read",
    "GetObjectTagging": "The tags of the file could not be read",
    "HeadBucket": "The bucket could not be opened",
    "HeadObject": "The file could not be looked up",
    "ListObjectsV2": "The bucket could not be listed",
    "PutObject": "The file could not be written",
    "UploadPartCopy": "The file could not be copied",
}
_REFUSED = re.compile(r"(?P<call>\w+) was refused \([^)]*\)")


def heading(what: str) -> str:
    """The heading for an error, such as ``The bucket could not be listed`` for ``ListObjectsV2 was refused
    (AccessDenied)``. Other texts are unchanged.
    """
    found = _REFUSED.fullmatch(what)
    return what if found is None else _FAILED.get(found["call"], "The store refused the request")
