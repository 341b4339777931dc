"""A store that fails, cuts, corrupts or lies loses nothing and loads nothing wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from bucketlift.errors import (
    AccessRefused,
    BucketliftError,
    NeedsPerson,
    ObjectArchived,
    ObjectChanged,
    ObjectGone,
    PlaceTaken,
    StoreUnavailable,
)
from bucketlift.model.source import Place, Selection, SourceObject
from bucketlift.stores.s3 import S3Store
from bucketlift.stores.sessions import Timeouts
from bucketlift.testing.faults import (
    INTERNAL_ERROR,
    SLOW_DOWN,
    Calls,
    CorruptsByte,
    CutsBody,
    ErrorWith200,
    Fault,
    LoginPage,
    Refuses,
    Resets,
    SparesKeys,
    Stalls,
)
from bucketlift.testing.s3server import S3Server

IN = Selection(bucket="drop", prefix="in/")
ARCHIVE = Place(bucket="archive", key="a.csv")
BODY = bytes(range(256)) * 40

Drop = Callable[..., SourceObject]
Opener = Callable[..., S3Store]


def read(store: S3Store, source: SourceObject) -> bytes:
    with store.open(source) as body:
        return body.read()


# Listing


@pytest.mark.parametrize("fault", [SLOW_DOWN, INTERNAL_ERROR, Resets()], ids=str)
@pytest.mark.slow
def test_a_listing_goes_on_after_a_passing_fault(
    server: S3Server, opened: Opener, dropped: Drop, fault: Fault
) -> None:
    dropped("in/a.csv", b"rows")
    server.faults.add("ListObjectsV2", fault)
    store = opened(server)

    assert [each.key for each in store.find(IN)] == ["in/a.csv"]


@pytest.mark.slow
def test_a_page_that_failed_is_had_again_without_gaps_or_doubles(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    keys = [f"in/{number:04}.csv" for number in range(1005)]
    for key in keys:
        dropped(key, b"")
    server.faults.add("ListObjectsV2", INTERNAL_ERROR, nth=2)
    store = opened(server)

    assert [each.key for each in store.find(IN)] == keys


@pytest.mark.parametrize("fault", [LoginPage(), CutsBody(keep=200), CutsBody(keep=200, honest=True)], ids=str)
@pytest.mark.slow
def test_an_answer_that_is_no_listing_is_not_an_empty_bucket(
    server: S3Server, opened: Opener, dropped: Drop, fault: Fault
) -> None:
    dropped("in/a.csv", b"rows")
    server.faults.add("ListObjectsV2", fault, times=9)
    store = opened(server)

    with pytest.raises(StoreUnavailable):
        list(store.find(IN))


# Reading


@pytest.mark.parametrize(
    "fault",
    [
        SLOW_DOWN,
        INTERNAL_ERROR,
        Resets(),
        CutsBody(keep=0),
        CutsBody(keep=1),
        CutsBody(keep=len(BODY) // 2),
        CutsBody(keep=len(BODY) - 1),
    ],
    ids=str,
)
@pytest.mark.slow
def test_reading_survives_a_passing_fault(
    server: S3Server, opened: Opener, dropped: Drop, fault: Fault
) -> None:
    source = dropped("in/a.csv", BODY)
    server.faults.add("GetObject", fault)
    store = opened(server)

    assert read(store, source) == BODY


@pytest.mark.parametrize(
    "fault",
    [
        CutsBody(keep=100),
        CutsBody(keep=100, honest=True),
        CorruptsByte(at=5000),
        CorruptsByte(at=len(BODY) - 1),
        LoginPage(),
    ],
    ids=str,
)
@pytest.mark.slow
def test_bytes_that_are_not_the_object_are_never_taken_for_it(
    server: S3Server, opened: Opener, dropped: Drop, fault: Fault
) -> None:
    source = dropped("in/a.csv", BODY)
    server.faults.add("GetObject", fault, times=99)
    store = opened(server)

    with pytest.raises(StoreUnavailable):
        read(store, source)


def test_a_body_taken_up_again_is_still_the_pinned_version(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", BODY)
    server.faults.add("GetObject", CutsBody(keep=100))
    server.faults.add(
        "GetObject", Calls(before=lambda: server.put("drop", "in/a.csv", b"x" * len(BODY))), nth=1
    )
    store = opened(server)

    with pytest.raises(ObjectChanged):
        read(store, source)


@pytest.mark.slow
def test_a_stalled_body_frees_the_worker(server: S3Server, opened: Opener, dropped: Drop) -> None:
    source = dropped("in/a.csv", BODY)
    test_over = threading.Event()
    server.faults.add("GetObject", Stalls(until=test_over, after=10), times=9)
    store = opened(server, timeouts=Timeouts(read=0.1))

    with pytest.raises(StoreUnavailable):
        read(store, source)
    test_over.set()


def test_an_object_overwritten_between_listing_and_reading_is_not_read(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", b"old")
    server.faults.add("GetObject", Calls(before=lambda: server.put("drop", "in/a.csv", b"new")))
    store = opened(server)

    with pytest.raises(ObjectChanged):
        read(store, source)


def test_an_archived_object_says_that_it_must_be_restored(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", b"rows", {"x-amz-storage-class": "GLACIER"})
    store = opened(server)

    assert [each.archived for each in store.find(IN)] == [True]
    with pytest.raises(ObjectArchived):
        read(store, source)
    with pytest.raises(ObjectArchived):
        store.copy(source, ARCHIVE)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("KMS.DisabledException", 400, AccessRefused),
        ("KMS.KMSInvalidStateException", 400, AccessRefused),
        ("InvalidRequest", 400, NeedsPerson),
        ("SomethingNew", 403, AccessRefused),
    ],
)
def test_other_refusals_ask_for_a_person(
    server: S3Server, opened: Opener, dropped: Drop, code: str, status: int, kind: type[BucketliftError]
) -> None:
    source = dropped("in/a.csv", b"rows")
    server.faults.add("GetObject", Refuses(status=status, code=code))
    store = opened(server)

    with pytest.raises(kind) as refused:
        read(store, source)

    assert code in refused.value.what


# Copying


@pytest.mark.parametrize("fault", [SLOW_DOWN, Resets(), ErrorWith200()], ids=str)
@pytest.mark.slow
def test_a_copy_that_had_no_effect_is_made_again(
    server: S3Server, opened: Opener, dropped: Drop, fault: Fault
) -> None:
    source = dropped("in/a.csv", b"rows")
    server.faults.add("CopyObject", fault)
    store = opened(server)

    store.copy(source, ARCHIVE)

    assert server.objects("archive") == {"a.csv": b"rows"}


@pytest.mark.slow
def test_a_copy_that_fails_inside_a_200_is_a_failure(server: S3Server, opened: Opener, dropped: Drop) -> None:
    source = dropped("in/a.csv", b"rows")
    server.faults.add("CopyObject", ErrorWith200(), times=99)
    store = opened(server)

    with pytest.raises(StoreUnavailable):
        store.copy(source, ARCHIVE)


@pytest.mark.slow
def test_a_copy_whose_answer_was_lost_finds_its_place_taken(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", b"rows")
    server.faults.add("CopyObject", Resets(after_effect=True))
    store = opened(server)

    with pytest.raises(PlaceTaken):
        store.copy(source, ARCHIVE)

    assert server.objects("archive") == {"a.csv": b"rows"}
    assert store.digest(ARCHIVE) == store.digest(Place(bucket="drop", key="in/a.csv"))


def test_a_conflict_is_tried_again(server: S3Server, opened: Opener, dropped: Drop) -> None:
    source = dropped("in/a.csv", b"rows")
    conflict = Refuses(status=409, code="ConditionalRequestConflict")
    server.faults.add("CopyObject", conflict, times=2)
    server.faults.add("DeleteObject", conflict, times=2)
    store = opened(server)

    store.copy(source, ARCHIVE)
    store.delete(source)

    assert (server.objects("archive"), server.objects("drop")) == ({"a.csv": b"rows"}, {})


def test_a_lasting_conflict_is_left_to_the_next_run(server: S3Server, opened: Opener, dropped: Drop) -> None:
    source = dropped("in/a.csv", b"rows")
    server.faults.add("CopyObject", Refuses(status=409, code="ConditionalRequestConflict"), times=99)
    store = opened(server)

    with pytest.raises(StoreUnavailable):
        store.copy(source, ARCHIVE)


def test_a_place_taken_between_look_and_copy_is_not_overwritten(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", b"rows")
    server.faults.add("CopyObject", Calls(before=lambda: server.put("archive", "a.csv", b"precious")))
    store = opened(server)

    with pytest.raises(PlaceTaken):
        store.copy(source, ARCHIVE)

    assert server.objects("archive") == {"a.csv": b"precious"}


# Deleting


@pytest.mark.slow
def test_a_delete_whose_answer_was_lost_finds_the_object_gone(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", b"rows")
    server.faults.add("DeleteObject", Resets(after_effect=True))
    store = opened(server)

    with pytest.raises(ObjectGone):
        store.delete(source)

    assert server.objects("drop") == {}


def test_an_object_overwritten_before_the_delete_is_left_alone(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", b"old")
    server.faults.add("DeleteObject", Calls(before=lambda: server.put("drop", "in/a.csv", b"new")))
    store = opened(server)

    with pytest.raises(ObjectChanged):
        store.delete(source)

    assert server.objects("drop") == {"in/a.csv": b"new"}


# Digests


@pytest.mark.parametrize("fault", [CutsBody(keep=100), LoginPage()], ids=str)
def test_a_digest_is_never_of_other_bytes(
    server: S3Server, opened: Opener, dropped: Drop, fault: Fault
) -> None:
    dropped("in/a.csv", BODY)
    server.faults.add("GetObject", fault, times=99)
    store = opened(server)

    with pytest.raises(StoreUnavailable):
        store.digest(Place(bucket="drop", key="in/a.csv"))


# Deleting many


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("InternalError", StoreUnavailable),
        ("SlowDown", StoreUnavailable),
        ("AccessDenied", AccessRefused),
        ("", StoreUnavailable),
    ],
)
def test_what_a_store_says_of_one_key_is_said_of_that_key_alone(
    server: S3Server, opened: Opener, dropped: Drop, code: str, meant: type[BucketliftError]
) -> None:
    gone, spared = dropped("in/a.csv", b"rows"), dropped("in/b.csv", b"rows")
    server.faults.add("DeleteObjects", SparesKeys(keys=["in/b.csv"], code=code))

    outcomes = opened(server).delete_each([spared, gone])

    assert [type(each) for each in outcomes] == [meant, type(None)]
    assert server.objects("drop") == {"in/b.csv": b"rows"}


@pytest.mark.slow
@pytest.mark.parametrize("fault", [SLOW_DOWN, INTERNAL_ERROR, Resets()], ids=str)
def test_deleting_many_goes_on_after_a_passing_fault(
    server: S3Server, opened: Opener, dropped: Drop, fault: Fault
) -> None:
    sources = [dropped(f"in/{name}.csv", b"rows") for name in "ab"]
    server.faults.add("DeleteObjects", fault)

    outcomes = opened(server).delete_each(sources)

    assert (outcomes, server.objects("drop")) == ([None, None], {})


@pytest.mark.slow
@pytest.mark.parametrize("fault", [LoginPage(), ErrorWith200(), Refuses(status=405, code="MethodNotAllowed")])
def test_an_answer_that_tells_of_no_key_proves_nothing(
    server: S3Server, opened: Opener, dropped: Drop, fault: Fault
) -> None:
    source = dropped("in/a.csv", b"rows")
    server.faults.add("DeleteObjects", fault, times=9)
    store = opened(server)

    try:
        outcomes = [type(each) for each in store.delete_each([source])]
    except BucketliftError as error:
        outcomes = [type(error)]

    assert outcomes[0] in (StoreUnavailable, NeedsPerson)
    assert server.objects("drop") == {"in/a.csv": b"rows"}
