"""Listings of the S3 server for large files: one page of keys, as ListObjects and ListObjectsV2 word it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import quote
from xml.sax.saxutils import escape

from bucketlift.testing.answer import Answer
from bucketlift.testing.request import Request

MOST = 1_000
"""Keys on a page."""
_PAGE = (
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Name>{bucket}</Name><Prefix>{prefix}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>{most}</MaxKeys>"
    "<IsTruncated>{truncated}</IsTruncated>{more}</ListBucketResult>"
)
_LINE = (
    "<Contents><Key>{key}</Key><LastModified>{modified:%Y-%m-%dT%H:%M:%S.000Z}</LastModified><ETag>&quot;{etag}&quot;</ETag>"
    "<Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
)


class Keys(Protocol):
    """In the order of their bytes."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One object; ``modified`` in seconds since 1970."""

    key: str
    etag: str
    size: int
    modified: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    lines: list[Line]
    folders: list[str]
    """Common prefixes, where a delimiter was asked for."""
    following: str | None
    """The last key or common prefix of this page, where there is another page."""

    def answer(self, request: Request) -> Answer:
        spelled = quote if request.query.get("encoding-type") == "url" else escape
        more = "".join(_line(line, spelled(line.key)) for line in self.lines)
        more += "".join(
            f"<CommonPrefixes><Prefix>{spelled(each)}</Prefix></CommonPrefixes>" for each in self.folders
        )
        if "encoding-type" in request.query:
            more += "<EncodingType>url</EncodingType>"
        if self.following is not None:
            name = "NextContinuationToken" if "list-type" in request.query else "NextMarker"
            # A token is handed back as it is, a marker is a key and spelled like one.
            token = escape(self.following) if "list-type" in request.query else spelled(self.following)
            more += f"<{name}>{token}</{name}>"
        body = _PAGE.format(
            bucket=escape(request.bucket),
            prefix=spelled(request.query.get("prefix", "")),
            count=len(self.lines) + len(self.folders),
            most=MOST,
            truncated=str(self.following is not None).lower(),
            more=more,
        )
        return Answer(status=200, headers={"content-type": "application/xml"}, body=body.encode())


def page_of(request: Request, keys: Keys, look: Callable[[str], Line | None]) -> Page:
    """The page that a request asks for, by its prefix, delimiter and place."""
    asked = request.query
    prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
    after = asked.get("continuation-token") or asked.get("start-after") or asked.get("marker") or ""
    most = min(int(asked.get("max-keys") or MOST), MOST)
    place = max(
        bisect_left(keys, _ordered(prefix), key=_ordered), bisect_right(keys, _ordered(after), key=_ordered)
    )
    lines: list[Line] = []
    folders: list[str] = []
    while place < len(keys) and keys[place].startswith(prefix):
        if len(lines) + len(folders) == most:
            last = max([line.key for line in lines[-1:]] + folders[-1:], key=_ordered)
            return Page(lines=lines, folders=folders, following=last)
        name, found, _ = keys[place].removeprefix(prefix).partition(delimiter) if delimiter else ("", "", "")
        folder = f"{prefix}{name}{found}"
        if found and after != folder:
            folders.append(folder)
        elif not found and (line := look(keys[place])) is not None:
            lines.append(line)
        place = bisect_right(keys, _ordered(folder) + b"\xff", key=_ordered) if found else place + 1
    return Page(lines=lines, folders=folders, following=None)


def _ordered(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _line(line: Line, key: str) -> str:
    modified = datetime.fromtimestamp(line.modified, UTC)
    return _LINE.format(key=key, modified=modified, etag=line.etag, size=line.size)
