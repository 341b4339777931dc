"""Known differences between the answers of some stores and those of S3, for ``Rewrites`` in tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, unquote

from bucketlift.testing.answer import Answer
from bucketlift.testing.request import Request

_ENTRY = re.compile(r"<Contents>.*?</Contents>", re.DOTALL)
_KEY = re.compile(r"<Key>([^<]*)</Key>")

Change = Callable[[Answer], Answer]


def ignoring(*parameters: str) -> Callable[[Request], Request]:
    """Make the store ignore these parameters of the query."""
    return lambda request: replace(request, ignored=frozenset(parameters))


def replacing(pattern: str, by: str, *, of: str | None = None) -> Change:
    """Replace text in the whole body, or only in the entry of one key of a listing."""

    def changed(answer: Answer) -> Answer:
        text = answer.body.decode()
        if of is None:
            return replace(answer, body=re.sub(pattern, by, text).encode())
        mine = f"<Key>{quote(of)}</Key>"
        return replace(
            answer,
            body=_ENTRY.sub(
                lambda entry: re.sub(pattern, by, entry[0]) if mine in entry[0] else entry[0], text
            ).encode(),
        )

    return changed


def without(element: str, *, of: str | None = None) -> Change:
    return replacing(rf"<{element}>[^<]*</{element}>", "", of=of)


def with_text(element: str, text: str, *, of: str | None = None) -> Change:
    return replacing(rf"<{element}>[^<]*</{element}>", f"<{element}>{text}</{element}>", of=of)


def twice(key: str, *changes: tuple[str, str]) -> Change:
    """Repeat the entry of a key in a listing. The second entry has these changes, each a pattern and the text
    that replaces it.
    """

    def again(entry: str) -> str:
        for pattern, by in changes:
            entry = re.sub(pattern, by, entry)
        return entry

    def changed(answer: Answer) -> Answer:
        mine = f"<Key>{quote(key)}</Key>"
        text = _ENTRY.sub(
            lambda entry: entry[0] + (again(entry[0]) if mine in entry[0] else ""), answer.body.decode()
        )
        return replace(answer, body=text.encode())

    return changed


def keys_encoded_once_more(answer: Answer) -> Answer:
    """Change a listing: its keys are URL-encoded, but the listing does not announce the encoding."""
    return replace(
        answer, body=_KEY.sub(lambda key: f"<Key>{quote(key[1])}</Key>", answer.body.decode()).encode()
    )


def keys_not_encoded(answer: Answer) -> Answer:
    """Change a listing: it announces that its keys are URL-encoded, but they are not."""
    return replace(
        answer, body=_KEY.sub(lambda key: f"<Key>{unquote(key[1])}</Key>", answer.body.decode()).encode()
    )


def other_etag(answer: Answer) -> Answer:
    """Make GET and HEAD return an ETag that no listing has."""
    headers = {**answer.headers}
    if "etag" in headers:
        headers["etag"] = '"0123456789abcdef0123456789abcdef-7"'
    return replace(answer, headers=headers)
