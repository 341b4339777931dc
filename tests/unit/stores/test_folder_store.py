"""What a folder promises as a store, beyond the contract of all stores: see decision 0065."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bucketlift.errors import NotFound, ObjectChanged, ObjectGone, PlaceTaken
from bucketlift.model.account import FolderAccount
from bucketlift.model.source import Place, Selection, SourceObject
from bucketlift.rules.naming import is_ours
from bucketlift.stores.files.local import LocalFiles
from bucketlift.stores.files.port import Entry, FileState
from bucketlift.stores.files.store import QUIET, FileStore
from bucketlift.stores.files.walking import in_order, walk
from file_stores import FolderHand


class Drop:
    """A folder with a store on it."""

    def __init__(self, top: Path, files: LocalFiles | None = None, **how: Any) -> None:
        self.top = top
        self.hand = FolderHand(top)
        self.store = FileStore(files or LocalFiles(top), FolderAccount(path=str(top)), **how)

    def put(self, key: str, body: bytes) -> SourceObject:
        etag = self.hand.put("", key, body)
        return SourceObject(
            store=self.store.store, bucket="", key=key, etag=etag, size=len(body), occurrence=1
        )

    def keys(self, prefix: str = "") -> list[str]:
        return [each.key for each in self.store.find(Selection(bucket="", kind="folder", prefix=prefix))]

    def read(self, source: SourceObject) -> bytes:
        with self.store.open(source) as body:
            return body.read()


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    (tmp_path / "drop").mkdir()
    return Drop(tmp_path / "drop")


def test_symbolic_links_pipes_and_what_they_lead_to_are_not_there(drop: Drop, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_bytes(b"secret")
    drop.put("in/a.csv", b"rows")
    (drop.top / "in/link.csv").symlink_to(outside / "secret.csv")
    (drop.top / "in/inner.csv").symlink_to(drop.top / "in/a.csv")
    (drop.top / "folder").symlink_to(outside)
    os.mkfifo(drop.top / "in/pipe.csv")
    found = (outside / "secret.csv").stat()
    etag = f"{found.st_mtime_ns}-{found.st_ino}"

    for key in ("in/link.csv", "folder/secret.csv", "in/pipe.csv", "../outside/secret.csv"):
        source = SourceObject(
            store=drop.store.store, bucket="", key=key, etag=etag, size=found.st_size, occurrence=1
        )
        with pytest.raises(ObjectGone):
            drop.read(source)
        with pytest.raises(ObjectGone):
            drop.store.delete(source)
    assert drop.keys() == ["in/a.csv"]
    assert (drop.keys("folder/"), drop.keys("../outside/"), drop.keys("/")) == ([], [], [])
    assert (outside / "secret.csv").read_bytes() == b"secret"


def test_a_copy_does_not_leave_the_folder_by_a_link(drop: Drop, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (drop.top / "done").symlink_to(tmp_path / "outside")
    source = drop.put("a.csv", b"rows")

    with pytest.raises(NotFound, match="A folder of the path cannot be used"):
        drop.store.copy(source, Place(bucket="", key="done/a.csv"))

    assert (list((tmp_path / "outside").iterdir()), drop.read(source)) == ([], b"rows")


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "drop").symlink_to(tmp_path / "real")
    drop = Drop(tmp_path / "drop")

    source = drop.put("a.csv", b"rows")

    assert (drop.keys(), drop.read(source)) == (["a.csv"], b"rows")


def test_a_missing_folder_is_named_with_what_to_check(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        Drop(tmp_path / "nowhere").keys("in/")

    assert (refused.value.to, "mounted" in refused.value.hint) == (str(tmp_path / "nowhere"), True)


def test_a_prefix_without_a_folder_lists_nothing(drop: Drop) -> None:
    drop.put("in/a.csv", b"rows")

    assert (drop.keys("other/"), drop.keys("in/a.csv/"), drop.keys("in/a")) == ([], [], ["in/a.csv"])


def test_the_order_is_that_of_whole_keys_not_of_names(drop: Drop) -> None:
    keys = ["a-b/1", "a.csv", "a/1", "a/b.c", "a/b/c", "a0", "B", "ü", "\U0001f642"]
    for key in keys:
        drop.put(key, b"")

    assert drop.keys() == sorted(keys, key=str.encode)


def test_a_big_folder_is_sorted_in_parts() -> None:
    entries = [
        Entry(name=str(number), state=FileState(size=number, modified=1, inode=number))
        for number in range(99)
    ]
    entries += [Entry(name=f"{number}-", state=None) for number in range(9)]

    found = list(in_order(reversed(entries), at_once=10))

    assert found == sorted(entries, key=lambda each: each.name if each.state is not None else each.name + "/")


def test_a_name_that_is_no_text_is_listed_and_not_taken(drop: Drop) -> None:
    (drop.top / os.fsdecode(b"bad-\xff.csv")).write_bytes(b"rows")
    drop.put("good.csv", b"rows")

    assert drop.keys() == ["bad-\udcff.csv", "good.csv"]


def test_a_folder_that_disappears_during_the_listing_is_left_out(drop: Drop) -> None:
    for key in ("a.csv", "b/b.csv", "c.csv"):
        drop.put(key, b"")
    listing = walk(LocalFiles(drop.top), "", "")
    first = next(listing)[0]
    (drop.top / "b/b.csv").unlink()
    (drop.top / "b").rmdir()

    assert [first, *(key for key, _ in listing)] == ["a.csv", "c.csv"]


def change_in_place(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"RO")


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def replace_it(path: Path) -> None:
    path.with_suffix(".new").write_bytes(path.read_bytes())
    os.utime(path.with_suffix(".new"), ns=(path.stat().st_mtime_ns,) * 2)
    path.with_suffix(".new").replace(path)


def cut(path: Path) -> None:
    os.truncate(path, 1)


def remove(path: Path) -> None:
    path.unlink()


CHANGES = [change_in_place, grow, replace_it, cut, remove]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_is_refused(drop: Drop, change) -> None:
    source = drop.put("a.csv", b"rows" * 1_000_000)

    with drop.store.open(source) as body:
        body.read(1)
        change(drop.top / "a.csv")
        with pytest.raises(ObjectChanged):
            body.read()


@pytest.mark.parametrize("change", CHANGES[:-1])
def test_a_file_that_changed_since_the_listing_is_neither_read_nor_deleted(drop: Drop, change) -> None:
    source = drop.put("a.csv", b"rows")
    change(drop.top / "a.csv")
    before = (drop.top / "a.csv").read_bytes()

    for act in (drop.read, drop.store.delete, drop.store.readable):
        with pytest.raises(ObjectChanged):
            act(source)
    assert drop.hand.objects("") == {"a.csv": before}


@pytest.mark.parametrize("change", [None, grow, replace_it])
def test_a_young_file_is_read_only_when_it_has_been_quiet(tmp_path: Path, change) -> None:
    paused: list[float] = []

    def pause(seconds: float) -> None:
        paused.append(seconds)
        if change is not None:
            change(tmp_path / "a.csv")

    drop = Drop(tmp_path, pause=pause)
    old = drop.put("old.csv", b"rows")
    (tmp_path / "a.csv").write_bytes(b"rows")
    listed = {each.key: each for each in drop.store.find(Selection(bucket=""))}
    young = replace(old, key="a.csv", etag=listed["a.csv"].etag)

    outcome = [drop.read(old)]
    try:
        outcome.append(drop.read(young))
    except ObjectChanged:
        outcome.append(b"refused")

    assert outcome == [b"rows", b"rows" if change is None else b"refused"]
    assert [0 < seconds <= QUIET for seconds in paused] == [True]


class Racing(LocalFiles):
    """Calls ``between`` right before a file is taken away, after all checks."""

    between: Callable[[], object] = staticmethod(lambda: None)

    def take_away(self, path: str, private: str) -> None:
        self.between()
        super().take_away(path, private)


def racing(tmp_path: Path) -> tuple[Drop, Racing]:
    files = Racing(tmp_path)
    return Drop(tmp_path, files), files


def test_a_file_that_replaces_the_loaded_one_at_the_last_moment_keeps_its_name(tmp_path: Path) -> None:
    drop, files = racing(tmp_path)
    source = drop.put("in/a.csv", b"old")
    files.between = lambda: drop.put("in/a.csv", b"new")

    with pytest.raises(ObjectChanged):
        drop.store.delete(source)

    assert drop.hand.objects("") == {"in/a.csv": b"new"}


def test_two_files_that_replace_the_loaded_one_are_both_kept(tmp_path: Path) -> None:
    drop, files = racing(tmp_path)
    source = drop.put("in/a.csv", b"old")
    files.between = lambda: drop.put("in/a.csv", b"new")
    put_back = files.rename
    files.rename = lambda path, to: (  # type: ignore[method-assign]
        (None if (tmp_path / to).exists() or "~" in to else drop.put("in/a.csv", b"newest")),
        put_back(path, to),
    )[1]

    with pytest.raises(ObjectChanged):
        drop.store.delete(source)

    kept = drop.hand.objects("")
    assert (kept.pop("in/a.csv"), list(kept.values())) == (b"newest", [b"new"])
    assert all(key.startswith("in/a~") and key.endswith(".csv") for key in kept)


@pytest.mark.parametrize("newer", [None, b"newer"])
def test_an_interrupted_delete_is_finished_by_the_next_one(tmp_path: Path, newer: bytes | None) -> None:
    drop = Drop(tmp_path)
    source = drop.put("a.csv", b"rows")

    class Dies(LocalFiles):
        def remove(self, path: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Drop(tmp_path, Dies(tmp_path)).store.delete(source)
    (left,) = drop.hand.objects("")
    if newer is not None:
        drop.put("a.csv", newer)

    drop.store.delete(source)

    assert is_ours(left)
    assert drop.hand.objects("") == ({} if newer is None else {"a.csv": newer})


class Unlinked(LocalFiles):
    """A file system without hard links."""

    def link(self, path: str, to: str) -> bool:
        return False


def test_without_links_the_bytes_are_copied_with_their_time_and_overwrite_nothing(tmp_path: Path) -> None:
    drop = Drop(tmp_path, Unlinked(tmp_path))
    source = drop.put("in/a.csv", b"rows")
    drop.store.copy(source, Place(bucket="", key="done/2027/a.csv"))
    times = {(tmp_path / key).stat().st_mtime_ns for key in ("in/a.csv", "done/2027/a.csv")}
    drop.put("done/b.csv", b"precious")

    with pytest.raises(PlaceTaken):
        drop.store.copy(source, Place(bucket="", key="done/b.csv"))

    kept = {"done/2027/a.csv": b"rows", "done/b.csv": b"precious", "in/a.csv": b"rows"}
    assert (drop.hand.objects(""), len(times)) == (kept, 1)


def test_a_link_is_a_second_path_of_the_same_file(drop: Drop) -> None:
    source = drop.put("in/a.csv", b"rows")

    drop.store.copy(source, Place(bucket="", key="done/a.csv"))
    drop.store.delete(source)

    digest = drop.store.digest(Place(bucket="", key="done/a.csv"))
    assert digest is not None
    assert (digest.sha256, drop.hand.objects("")) == (
        hashlib.sha256(b"rows").hexdigest(),
        {"done/a.csv": b"rows"},
    )


def test_identities_differ_by_path_size_time_and_inode(drop: Drop) -> None:
    drop.put("a.csv", b"rows")
    first = list(drop.store.find(Selection(bucket="")))
    replace_it(drop.top / "a.csv")

    second = list(drop.store.find(Selection(bucket="")))

    assert (first[0].size, first[0].modified) == (second[0].size, second[0].modified)
    assert first[0].etag != second[0].etag
