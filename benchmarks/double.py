"""An S3 server that streams files of any size from a folder, and knows the preconditions; no rights are checked."""

from __future__ import annotations

import re
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from benchmarks.pages import Line, Page, page_of
from bucketlift.testing.answer import Answer, refusal
from bucketlift.testing.conditions import failed, missing
from bucketlift.testing.deletions import combined, named_objects
from bucketlift.testing.request import Request, read_request
from bucketlift.testing.wire import StartResponse

CHUNK = 1 << 20
KNOWN = "known"
"""A bucket of which only a listing exists."""
_MODIFIED = 1_767_225_600
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


class Folder:
    """Buckets are folders, objects files in them, named by their quoted keys (at most 255 bytes)."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listed: dict[str, tuple[int, list[str]]] = {}

    def has(self, bucket: str) -> bool:
        return bucket != "" and (self._root / bucket).is_dir()

    def path(self, bucket: str, key: str) -> Path:
        return self._root / bucket / quote(key, safe="")

    def etag(self, bucket: str, key: str) -> str | None:
        """Names the bytes, without reading them: another put is another file."""
        try:
            stat = self.path(bucket, key).stat()
        except OSError:
            return None
        return f"{stat.st_ino:x}{stat.st_mtime_ns:x}{stat.st_size:x}"[-32:].zfill(32)

    def keys(self, bucket: str) -> list[str]:
        """In the order of their bytes; read anew where the folder has changed."""
        folder = self._root / bucket
        changed = folder.stat().st_mtime_ns
        known = self._listed.get(bucket)
        if known is None or known[0] != changed:
            known = changed, sorted((unquote(path.name) for path in folder.iterdir()), key=str.encode)
            self._listed[bucket] = known
        return known[1]

    def line(self, bucket: str, key: str) -> Line | None:
        etag = self.etag(bucket, key)
        if etag is None:
            return None
        stat = self.path(bucket, key).stat()
        return Line(key=key, etag=etag, size=stat.st_size, modified=stat.st_mtime)


class Double:
    """WSGI. ``known`` objects of the bucket of that name are listed; they cannot be read."""

    def __init__(self, root: Path, *, known: int = 0) -> None:
        self._folder = Folder(root)
        self._known = known
        self._lock = threading.Lock()
        self._scratch = root / f".{secrets.token_hex(4)}"

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = read_request(environ)
        if request.operation == "GetObject":
            return self._get(request, start_response)
        answer = self._answer(request)
        body = b"" if request.method == "HEAD" else answer.body
        length = {} if request.method == "HEAD" else {"content-length": str(len(body))}
        _start(start_response, answer.status, {**answer.headers, **length})
        return [body]

    def _answer(self, request: Request) -> Answer:
        if not self._folder.has(request.bucket) and not (self._known and request.bucket == KNOWN):
            return refusal(404, "NoSuchBucket", "The specified bucket does not exist.")
        match request.operation:
            case "ListObjectsV2" | "ListObjects":
                return self._list(request).answer(request)
            case "HeadObject":
                return self._head(request)
            case "HeadBucket":
                return Answer(status=200)
            case "PutObject" | "CopyObject" | "DeleteObject":
                with self._lock:
                    return self._change(request)
            case "DeleteObjects":
                with self._lock:
                    return combined(
                        (key, self._delete(request, key, etag)) for key, etag in named_objects(request.body)
                    )
        return refusal(501, "NotImplemented", f"{request.operation} is not known here")

    def _list(self, request: Request) -> Page:
        if request.bucket == KNOWN:
            return page_of(
                request,
                _Stub(self._known),
                lambda key: Line(key=key, etag="0" * 32, size=10_000, modified=_MODIFIED),
            )
        keys = self._folder.keys(request.bucket)
        return page_of(request, keys, lambda key: self._folder.line(request.bucket, key))

    def _head(self, request: Request) -> Answer:
        line = self._folder.line(request.bucket, request.key)
        if line is None:
            return missing(request.key)
        wanted = request.headers.get("if-match", "*")
        if wanted.strip('"') not in ("*", line.etag):
            return Answer(status=412)
        return Answer(status=200, headers={**_about(line), "content-length": str(line.size)})

    def _change(self, request: Request) -> Answer:
        refused = failed(request, self._folder.etag, ())
        if refused is not None:
            return refused
        match request.operation:
            case "DeleteObject":
                return self._delete(request, request.key, None)
            case "CopyObject":
                return self._copy(request)
        if request.headers.get("content-encoding") == "aws-chunked":
            return refusal(501, "NotImplemented", "Bodies in signed chunks are not known here")
        self._scratch.write_bytes(request.body)
        return Answer(status=200, headers={"etag": f'"{self._placed(request)}"'})

    def _copy(self, request: Request) -> Answer:
        if request.copy_source is None or self._folder.etag(*request.copy_source) is None:
            return missing(request.key)
        shutil.copyfile(self._folder.path(*request.copy_source), self._scratch)
        result = f"<CopyObjectResult><ETag>{escape(self._placed(request))}</ETag></CopyObjectResult>"
        return Answer(status=200, headers={"content-type": "application/xml"}, body=result.encode())

    def _placed(self, request: Request) -> str:
        self._scratch.replace(self._folder.path(request.bucket, request.key))
        return self._folder.etag(request.bucket, request.key) or ""

    def _delete(self, request: Request, key: str, etag: str | None) -> Answer:
        if etag is not None and self._folder.etag(request.bucket, key) != etag.strip('"'):
            return refusal(412, "PreconditionFailed", "The object is another one")
        self._folder.path(request.bucket, key).unlink(missing_ok=True)
        return Answer(status=204)

    def _get(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        line = self._folder.line(request.bucket, request.key)
        answer = missing(request.key) if line is None else self._head(request)
        if line is None or answer.status != 200:
            body = answer.body or refusal(412, "PreconditionFailed", "The object is another one").body
            _start(
                start_response,
                answer.status,
                {"content-length": str(len(body)), "content-type": "application/xml"},
            )
            return [body]
        start, end = _span(request.headers.get("range", ""), line.size)
        about = {**_about(line), "content-length": str(end - start)}
        partial = "range" in request.headers
        if partial:
            about["content-range"] = f"bytes {start}-{end - 1}/{line.size}"
        _start(start_response, 206 if partial else 200, about)
        return _streamed(self._folder.path(request.bucket, request.key), start, end)


class _Stub:
    """The keys of a bucket that exists as a listing only."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < self._count:
            raise IndexError(place)
        return f"in/{place:09d}.csv"


def _start(start_response: StartResponse, status: int, headers: dict[str, str]) -> None:
    line = HTTPStatus(status)
    start_response(f"{line.value} {line.phrase}", list({"date": formatdate(usegmt=True), **headers}.items()))


def _about(line: Line) -> dict[str, str]:
    return {
        "etag": f'"{line.etag}"',
        "last-modified": formatdate(line.modified, usegmt=True),
        "accept-ranges": "bytes",
        "content-type": "binary/octet-stream",
    }


def _span(header: str, size: int) -> tuple[int, int]:
    """First byte and the one after the last."""
    found = _RANGE.match(header)
    if found is None:
        return 0, size
    first, last = found[1], found[2]
    if not first:
        return max(size - int(last or 0), 0), size
    return int(first), min(int(last) + 1 if last else size, size)


def _streamed(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (chunk := file.read(min(CHUNK, end - start))):
            start += len(chunk)
            yield chunk
