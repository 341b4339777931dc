"""Encodes the keys in requests for moto, and decodes the keys in moto's answers."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote
from xml.sax.saxutils import escape

from bucketlift.testing.answer import Answer
from bucketlift.testing.request import Request
from bucketlift.testing.spelling import read, spelled

_KEYS_IN_QUERY = ("prefix", "delimiter", "start-after", "marker", "key-marker")
_NAMED = "Key|Prefix|Delimiter|StartAfter|Marker|NextMarker|KeyMarker|NextKeyMarker"
_KEY_IN_XML = re.compile(rf"<({_NAMED})>([a-pA-P]*)</\1>")
_LOCATION = re.compile(r"<Location>[^<]*</Location>")
_OWN_KEYS = frozenset(
    {"GetObjectTagging", "GetObject"}
)  # in these answers, <Key> is a tag's name or part of the object's content
_LISTING = re.compile(r"(<List[A-Za-z]*Result[^>]*>)")


def path_inside(bucket: str, key: str) -> str:
    return f"/{quote(bucket)}/{spelled(key)}" if key else f"/{quote(bucket)}"


def query_inside(request: Request) -> dict[str, str]:
    inside = {
        name: value
        for name, value in request.query.items()
        if name not in {"encoding-type", *request.ignored}
    }
    for name in _KEYS_IN_QUERY:
        if name in inside:
            inside[name] = spelled(inside[name])
    return inside


def headers_inside(request: Request) -> dict[str, str]:
    inside = {name: value for name, value in request.headers.items() if name != "host"}
    source = request.copy_source
    if source is not None:
        bucket, key = source
        inside["x-amz-copy-source"] = f"{quote(bucket)}/{spelled(key)}"
    return inside


def outside(request: Request, answer: Answer) -> Answer:
    """The answer with the keys in the client's form: URL-encoded if the client requested this."""
    is_xml = answer.body.startswith(b"<?xml") or b"xml" in answer.headers.get("content-type", "").encode()
    if not is_xml or (request.operation in _OWN_KEYS and answer.succeeded):
        return answer
    url = request.query.get("encoding-type") == "url"
    text = _KEY_IN_XML.sub(lambda found: _key_element(found, url=url), answer.body.decode())
    if url:
        text = _LISTING.sub(r"\1<EncodingType>url</EncodingType>", text, count=1)
    text = _LOCATION.sub("", text)
    return replace(answer, body=text.encode())


def _key_element(found: re.Match[str], *, url: bool) -> str:
    name, spelling = found.groups()
    try:
        key = read(spelling)
    except ValueError:
        return found.group(0)
    shown = quote(key) if url else escape(key, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
    return f"<{name}>{shown}</{name}>"
