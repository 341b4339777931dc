"""Names of objects: which keys are selected, and where a key goes after its import."""

import hashlib

import pytest

from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.source import Place, SourceObject, StoreId
from bucketlift.model.workflow import Move, Rename
from bucketlift.rules.naming import (
    archive_place,
    collision_place,
    is_marker,
    is_ours,
    is_renamed,
    matches,
)


def a_source(key, occurrence=1):
    return SourceObject(
        store=StoreId("aws"), bucket="drop", key=key, etag="e1", size=7, occurrence=occurrence
    )


@pytest.mark.parametrize(
    ("key", "prefix", "moved", "renamed"),
    [
        ("in/a.csv", "done/", "done/in/a.csv", "in/done/a.csv"),
        ("in/a.csv", "done-", "done-in/a.csv", "in/done-a.csv"),
        ("a.csv", "done-", "done-a.csv", "done-a.csv"),
        ("in//a b+%.csv", "x", "xin//a b+%.csv", "in//xa b+%.csv"),
        ("in/a.csv", "", "in/a.csv", "in/a.csv"),
    ],
)
def test_a_prefix_is_put_before_the_key_or_the_base_name_as_it_stands(key, prefix, moved, renamed):
    source = a_source(key)

    assert archive_place(source, Move(bucket="archive", prefix=prefix)) == Place(bucket="archive", key=moved)
    assert archive_place(source, Rename(prefix=prefix)) == Place(bucket="drop", key=renamed)


@pytest.mark.parametrize(
    ("key", "begin", "end"),
    [
        ("in/a.csv", "in/a~", ".csv"),
        ("in/a.tar.gz", "in/a.tar~", ".gz"),
        ("in.d/a", "in.d/a~", ""),
        (".hidden", ".hidden~", ""),
    ],
)
def test_a_taken_place_gives_way_to_the_stem_with_a_mark_of_the_occurrence(key, begin, end):
    source = a_source(key)

    mark = hashlib.sha256(source.identity.encode()).hexdigest()[:8]

    assert collision_place(source, Place(bucket="archive", key=key)) == Place(
        bucket="archive", key=f"{begin}{mark}{end}"
    )


def test_a_retry_finds_its_own_copy_and_another_occurrence_another():
    taken = Place(bucket="archive", key="in/a.csv")

    first, again = (collision_place(a_source("in/a.csv"), taken) for _ in range(2))
    other = collision_place(a_source("in/a.csv", occurrence=2), taken)

    assert first == again != other


def test_a_place_beyond_1024_bytes_is_told_in_bytes_not_characters():
    fitting = a_source("é" * 511)
    action = Move(bucket="archive", prefix="12")

    assert archive_place(fitting, action) == Place(bucket="archive", key="12" + "é" * 511)
    assert archive_place(a_source("é" * 512), action) == Hold(
        reason=HeldReason.KEY_TOO_LONG,
        what="the key after import would be 1,026 bytes long, but S3 allows at most 1,024",
        hint="Choose a shorter prefix in after_import, or give the object a shorter key.",
    )


def test_a_collision_name_may_be_too_long_where_the_first_place_was_not():
    told = collision_place(a_source("a"), Place(bucket="archive", key="a" * 1020))

    assert isinstance(told, Hold)
    assert told.reason is HeldReason.KEY_TOO_LONG


def test_only_an_empty_object_whose_key_ends_in_a_slash_is_a_marker():
    assert [is_marker("in/", 0), is_marker("in/", 3), is_marker("in/a.csv", 0)] == [True, False, False]


@pytest.mark.parametrize(
    ("key", "ours"),
    [
        ("in/.bucketlift/4f2a", True),
        ("in/x.bucketlift/4f2a", True),
        (".bucketlift/a", True),
        ("in/a.bucketlift", True),
        ("in/.bucketlifted/a.csv", False),
        ("in/a.csv", False),
    ],
)
def test_a_segment_that_ends_in_our_suffix_makes_a_key_ours(key, ours):
    assert is_ours(key) is ours


@pytest.mark.parametrize(
    ("pattern", "key", "fits"),
    [
        (None, "in/a.csv", True),
        ("*.csv", "in/deep/a.csv", True),
        ("*.csv", "in/a.CSV", False),
        ("in/*", "in/a.csv", False),
        ("[!d]*", "in/done-a.csv", False),
        ("?.csv", "in/\n.csv", True),
        ("*", "in/", True),
    ],
)
def test_a_pattern_is_matched_on_the_base_name_with_case(pattern, key, fits):
    assert matches(pattern, key) is fits


@pytest.mark.parametrize(
    ("prefix", "key", "renamed"),
    [
        ("done-", "in/done-a.csv", True),
        ("done-", "done-in/a.csv", False),
        ("done/", "in/done/a.csv", True),
        ("done/", "done/in/a.csv", False),
        ("x/done-", "in/x/done-a.csv", True),
        ("done-", "done-a.csv", True),
    ],
)
def test_a_rename_recognises_what_it_would_have_left(prefix, key, renamed):
    assert is_renamed(prefix, key) is renamed
