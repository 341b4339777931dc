"""What a store answers is data from outside: what is odd costs that object alone, and is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from bucketlift.errors import BucketliftError, NeedsPerson, ObjectChanged, StoreUnavailable
from bucketlift.model.source import Place, Selection, SourceObject
from bucketlift.stores.s3 import S3Store
from bucketlift.testing import oddities
from bucketlift.testing.answer import Answer
from bucketlift.testing.faults import Rewrites, WithoutLength
from bucketlift.testing.s3server import S3Server

IN = Selection(bucket="drop", prefix="in/")
ODD, FINE = "in/a b.csv", "in/b.csv"

Drop = Callable[..., SourceObject]
Opener = Callable[..., S3Store]


def found(store: S3Store, selection: Selection = IN) -> dict[str, str]:
    """Each key with what is wrong about it; no key may come twice."""
    listed = list(store.find(selection))
    assert len({each.key for each in listed}) == len(listed)
    return {each.key: each.defect for each in listed}


@pytest.fixture
def store(server: S3Server, opened: Opener, dropped: Drop) -> S3Store:
    for key in (ODD, FINE):
        dropped(key, b"rows")
    return opened(server)


def answers(server: S3Server, change: Callable[[Answer], Answer], operation: str = "ListObjectsV2") -> None:
    server.faults.add(operation, Rewrites(answer=change), times=99)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (oddities.without("ETag", of=ODD), "The listing has no ETag for the object"),
        (oddities.with_text("ETag", "", of=ODD), "The listing has no ETag for the object"),
        (oddities.with_text("ETag", '""', of=ODD), "The listing has no ETag for the object"),
        (oddities.with_text("ETag", "é", of=ODD), "The listing has no usable ETag for the object"),
        (
            oddities.replacing("<ETag>", "<ETag>x</ETag><ETag>", of=ODD),
            "The listing has no usable ETag for the object",
        ),
        (oddities.without("Size", of=ODD), "The listing has no Size for the object"),
        (oddities.with_text("Size", "-1", of=ODD), "The listing has no usable Size for the object"),
        (oddities.with_text("Size", "many", of=ODD), "The listing has no usable Size for the object"),
        (oddities.with_text("Size", str(2**63), of=ODD), "The listing has no usable Size for the object"),
        (oddities.without("LastModified", of=ODD), "The listing has no LastModified for the object"),
        (
            oddities.with_text("LastModified", "yesterday", of=ODD),
            "The listing has no usable LastModified for the object",
        ),
        (
            oddities.with_text("LastModified", "2026-13-45T99:00:00.000Z", of=ODD),
            "The listing has no usable LastModified for the object",
        ),
        (
            oddities.twice(ODD, ("<Size>4", "<Size>5")),
            "The listing contains the object more than once, with different ETags or sizes",
        ),
    ],
)
def test_an_odd_entry_costs_its_object_alone(
    server: S3Server, store: S3Store, change: Callable[[Answer], Answer], what: str
) -> None:
    answers(server, change)

    assert found(store) == {ODD: what, FINE: ""}


def test_an_entry_without_a_key_is_told_under_the_prefix(server: S3Server, store: S3Store) -> None:
    answers(server, oddities.without("Key", of=ODD))

    assert found(store) == {"in/": "An entry of the listing has no key", FINE: ""}


def test_identical_entries_of_a_key_are_one(server: S3Server, store: S3Store) -> None:
    answers(server, oddities.twice(ODD))

    assert found(store) == {ODD: "", FINE: ""}


@pytest.mark.parametrize("change", [oddities.without("KeyCount"), oddities.without("IsTruncated")])
def test_a_short_page_that_does_not_say_that_there_is_more_is_the_last_one(
    server: S3Server, store: S3Store, change: Callable[[Answer], Answer]
) -> None:
    answers(server, change)

    assert found(store) == {ODD: "", FINE: ""}


class Pages:
    """Answers the next of these pages to each listing, whatever was asked; the last one for ever."""

    def __init__(
        self, *pages: list[tuple[str, str]], tokens: Callable[[int], str] = str, last: bool = True
    ) -> None:
        self.pages, self.tokens, self.last, self.asked = pages, tokens, last, 0

    def __call__(self, answer: Answer) -> Answer:
        self.asked += 1
        entries = self.pages[min(self.asked, len(self.pages)) - 1]
        more = self.asked < len(self.pages) or not self.last
        token = f"<NextContinuationToken>{self.tokens(self.asked)}</NextContinuationToken>" if more else ""
        lines = "".join(
            f"<Contents><Key>{key}</Key><ETag>{etag}</ETag><Size>4</Size>"
            "<LastModified>2026-11-30T06:50:03.000Z</LastModified></Contents>"
            for key, etag in entries
        )
        body = f"<ListBucketResult><Name>drop</Name><IsTruncated>{str(more).lower()}</IsTruncated>{token}{lines}</ListBucketResult>"
        return replace(answer, body=body.encode())


def paged(server: S3Server, pages: Pages) -> None:
    heard = oddities.ignoring("continuation-token")
    server.faults.add("ListObjectsV2", Rewrites(request=heard, answer=pages), times=99)


A, B, C, D = (f"in/{name}" for name in "abcd")


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ([[(A, "1"), (B, "1")], [(B, "1"), (C, "1")]], {A: "", B: "", C: ""}),
        ([[(A, "1"), (B, "1"), (C, "1")], [(B, "1"), (C, "1"), (D, "1")]], {A: "", B: "", C: "", D: ""}),
        ([[(A, "1"), (B, "1")], [(B, "2"), (C, "1")]], {A: "", B: "odd", C: ""}),
        ([[(C, "1")], [(A, "1")], [(D, "1")], [(C, "1"), (B, "1")]], {C: "", A: "", D: "", B: ""}),
        ([[(A, "1")], [], [(B, "1")]], {A: "", B: ""}),
    ],
    ids=[
        "at the border",
        "two at the border",
        "differing at the border",
        "far apart and out of order",
        "empty page",
    ],
)
def test_a_key_that_two_pages_name_comes_once(
    server: S3Server, store: S3Store, pages: list[list[tuple[str, str]]], told: dict[str, str]
) -> None:
    paged(server, Pages(*pages))

    assert {key: "odd" if defect else "" for key, defect in found(store).items()} == told


def test_a_key_that_differs_from_a_page_long_before_is_listed_once_more_as_odd(
    server: S3Server, store: S3Store
) -> None:
    paged(server, Pages([(C, "1")], [(A, "1")], [(D, "1")], [(C, "2")]))

    listed = [(each.key, "odd" if each.defect else "") for each in store.find(IN)]

    assert listed == [(C, ""), (A, ""), (D, ""), (C, "odd")]


@pytest.mark.parametrize(
    "pages",
    [
        Pages([(A, "1")], [(B, "1")], [(C, "1")], tokens=lambda _: "same", last=False),
        Pages([(A, "1")], [(B, "1")], tokens=lambda number: f"{number % 2}", last=False),
        Pages([(A, "1")], last=False),
        Pages([(A, "1")], [(B, "1")], [(A, "1")], last=False),
        Pages([(A, "1")], tokens=lambda _: "", last=False),
    ],
    ids=["one token", "two tokens in turn", "one page", "back to the first page", "no token"],
)
def test_a_listing_comes_to_an_end_or_says_that_it_has_none(
    server: S3Server, store: S3Store, pages: Pages
) -> None:
    paged(server, pages)

    with pytest.raises(StoreUnavailable, match="The listing"):
        list(store.find(IN))
    assert pages.asked < 9


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (Rewrites(request=oddities.ignoring("prefix")), "The store ignores `prefix` in a listing"),
        (
            Rewrites(request=oddities.ignoring("prefix"), answer=oddities.with_text("Prefix", "in/")),
            "The store ignores `prefix` in a listing",
        ),
        (Rewrites(answer=oddities.with_text("Prefix", "in/b")), "The store ignores `prefix` in a listing"),
        (Rewrites(answer=oddities.with_text("Name", "other")), "The listing is of another bucket"),
        (
            Rewrites(
                answer=oddities.replacing(
                    "<Name>", "<CommonPrefixes><Prefix>in/x/</Prefix></CommonPrefixes><Name>"
                )
            ),
            "The store ignores `delimiter` in a listing",
        ),
    ],
)
def test_the_answer_to_another_question_is_refused_whole(
    server: S3Server, store: S3Store, dropped: Drop, fault: Rewrites, what: str
) -> None:
    dropped("outside.csv", b"rows")
    server.faults.add("ListObjectsV2", fault, times=99)

    with pytest.raises(NeedsPerson, match=what):
        list(store.find(IN))


@pytest.mark.parametrize("quickly", [False, True])
def test_a_body_whose_length_is_not_told_is_read_whole(
    server: S3Server,
    store: S3Store,
    dropped: Drop,
    monkeypatch: pytest.MonkeyPatch,
    quickly: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    if quickly:
        monkeypatch.setattr("bucketlift.stores.quick.WARM", 0)
    body = bytes(range(256)) * 5000
    source = dropped("in/c.csv", body)
    server.faults.add("GetObject", WithoutLength(), times=99)

    with store.open(source) as reading:
        assert reading.read() == body
    digest = store.digest(Place(bucket="drop", key="in/c.csv"))
    assert digest is not None
    assert digest.size == len(body)


@pytest.mark.parametrize("more", [b"", b"more"])
def test_a_body_of_another_length_than_the_listing_said_is_not_taken(
    server: S3Server, store: S3Store, dropped: Drop, more: bytes
) -> None:
    source = replace(dropped("in/c.csv", b"rows"), size=3 if more else 5)
    server.faults.add("GetObject", WithoutLength(), times=99)

    with pytest.raises(StoreUnavailable), store.open(source) as reading:
        reading.read()


def _header(name: str, value: str | None) -> Callable[[Answer], Answer]:
    def changed(answer: Answer) -> Answer:
        headers = {key: each for key, each in answer.headers.items() if key != name}
        return replace(answer, headers=headers if value is None else {**headers, name: value})

    return changed


@pytest.mark.parametrize(
    ("change", "meant"),
    [
        (_header("etag", None), StoreUnavailable),
        (_header("etag", '""'), StoreUnavailable),
        (_header("last-modified", "yesterday"), None),
        (_header("x-amz-tagging-count", "some"), None),
        (_header("content-range", "bytes 2-3/4"), StoreUnavailable),
        (oddities.other_etag, ObjectChanged),
    ],
)
def test_the_head_of_an_object_is_checked_before_its_body_is_taken(
    server: S3Server,
    store: S3Store,
    dropped: Drop,
    change: Callable[[Answer], Answer],
    meant: type[BucketliftError] | None,
) -> None:
    source = dropped("in/c.csv", b"rows")
    answers(server, change, "GetObject")

    read: Any = None
    try:
        with store.open(source) as reading:
            read = reading.read()
    except BucketliftError as error:
        read = type(error)

    assert read == (meant or b"rows")


@pytest.mark.parametrize(
    ("operation", "element"),
    [("CreateMultipartUpload", "UploadId"), ("UploadPartCopy", "ETag"), ("GetObjectTagging", "TagSet")],
)
def test_an_answer_that_lacks_what_the_next_call_needs_is_the_store_s_fault(
    server: S3Server, opened: Opener, dropped: Drop, operation: str, element: str
) -> None:
    source = dropped("in/c.csv", b"rows")
    store = opened(server, multipart_threshold=1)
    answers(server, oddities.replacing(rf"<{element}>.*</{element}>", ""), operation)

    with suppress(StoreUnavailable):
        store.copy(source, Place(bucket="archive", key="c.csv"))

    assert server.objects("archive") in ({}, {"c.csv": b"rows"})
