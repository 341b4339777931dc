"""Adds to S3's listings what moto leaves out: the bucket's region, and which archived objects are restored."""

from __future__ import annotations

import re
from dataclasses import replace

from bucketlift.testing.answer import Answer
from bucketlift.testing.backing import Backing
from bucketlift.testing.request import Request
from bucketlift.testing.spelling import read

_LINE = re.compile(r"(<Contents>\s*<Key>([a-pA-P]*)</Key>.*?)(</Contents>)", re.DOTALL)
_RESTORED = (
    "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>"
    "<RestoreExpiryDate>{:%Y-%m-%dT%H:%M:%S.000Z}</RestoreExpiryDate></RestoreStatus>"
)


def completed(request: Request, answer: Answer, backing: Backing) -> Answer:
    """Complete moto's page of a listing, with encoded keys, so that it is like a page of S3."""
    headers = {**answer.headers, "x-amz-bucket-region": backing.buckets()[request.bucket]}
    if request.headers.get("x-amz-optional-object-attributes") != "RestoreStatus":
        return replace(answer, headers=headers)
    text = _LINE.sub(lambda line: _line(line, request.bucket, backing), answer.body.decode())
    return replace(answer, headers=headers, body=text.encode())


def _line(line: re.Match[str], bucket: str, backing: Backing) -> str:
    until = backing.restored_until(bucket, read(line[2]))
    return line[1] + ("" if until is None else _RESTORED.format(until)) + line[3]
