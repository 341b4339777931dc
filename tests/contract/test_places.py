"""What every place for files promises."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import sshd
from bucketlift.errors import PlaceTaken
from bucketlift.model.finding import Health
from bucketlift.objects.places.place import Expected, StagedPlace
from bucketlift.testing.s3server import S3Server
from contract import places
from contract.places import Bench

NAME = "out/2026-11-30/a.csv"
ROWS = b"Id,Name\n1,Ann\n"
OURS = Expected(sha256=hashlib.sha256(ROWS).hexdigest())


staged = pytest.mark.parametrize("bench", ["folder", "sftp"], indirect=True)
"""An object of a bucket appears whole."""


@pytest.fixture(scope="module")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path_factory.mktemp("sshd")) as found:
        yield found


@pytest.fixture(scope="module")
def s3_server() -> Iterator[S3Server]:
    with S3Server() as found:
        yield found


@pytest.fixture(params=places.KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    match request.param:
        case "folder":
            yield places.in_folder(tmp_path / "out")
        case "sftp":
            yield places.on_sftp(request.getfixturevalue("ssh_server"), tmp_path / "out")
        case _:
            with places.in_bucket(request.getfixturevalue("s3_server")) as found:
                yield found


@pytest.fixture
def content(tmp_path: Path) -> Path:
    path = tmp_path / "content"
    path.write_bytes(ROWS)
    return path


def test_a_file_is_created_with_its_folders(bench: Bench, content: Path) -> None:
    bench.place.put(NAME, content, "load-1")

    assert bench.files() == {NAME: ROWS}
    assert bench.place.holds(NAME, OURS) is True


def test_an_existing_file_is_not_changed(bench: Bench, content: Path) -> None:
    bench.write(NAME, b"of another program")

    with pytest.raises(PlaceTaken):
        bench.place.put(NAME, content, "load-1")
    bench.place.discard(NAME, "load-1")

    assert bench.files() == {NAME: b"of another program"}
    assert bench.place.holds(NAME, OURS) is False


def test_a_name_that_does_not_exist_holds_nothing(bench: Bench) -> None:
    assert bench.place.holds(NAME, OURS) is None
    assert bench.place.holds(NAME, Expected(owner="load-1")) is None


def test_an_empty_file_can_be_created(bench: Bench, content: Path) -> None:
    content.write_bytes(b"")

    bench.place.put(NAME, content, "load-1")

    assert bench.files() == {NAME: b""}


def test_names_with_any_character_are_possible(bench: Bench, content: Path) -> None:
    name = "Zoë 社員/a b~'\"$&+%20.csv"

    bench.place.put(name, content, "load-1")

    assert bench.files() == {name: ROWS}
    assert bench.place.holds(name, OURS) is True


def test_an_examination_leaves_nothing_behind(bench: Bench) -> None:
    found = bench.place.examine()

    assert {each.health for each in found} == {Health.OK}
    assert bench.files() == {}


@staged
def test_an_upload_is_no_file_until_it_gets_its_name(bench: Bench, content: Path) -> None:
    place = bench.place
    assert isinstance(place, StagedPlace)

    place.stage(NAME, content, "load-1")
    assert list(bench.files().values()) == [ROWS]
    assert place.holds(NAME, OURS) is None
    assert place.holds_staged(NAME, "load-1", OURS) is True
    assert place.holds_staged(NAME, "load-2", OURS) is None

    place.publish(NAME, "load-1")
    assert bench.files() == {NAME: ROWS}


@staged
def test_an_unfinished_upload_is_replaced(bench: Bench, content: Path) -> None:
    place = bench.place
    assert isinstance(place, StagedPlace)
    place.stage(NAME, content, "load-1")
    (unfinished,) = bench.files()
    bench.write(unfinished, b"Id")

    place.put(NAME, content, "load-1")

    assert bench.files() == {NAME: ROWS}


@staged
def test_an_unfinished_upload_is_hidden_and_is_discarded(bench: Bench, content: Path) -> None:
    place = bench.place
    assert isinstance(place, StagedPlace)
    place.stage(NAME, content, "load-1")
    assert list(bench.files()) == ["out/2026-11-30/.load-1.bucketlift"]

    place.discard(NAME, "load-1")
    place.discard(NAME, "load-1")

    assert bench.files() == {}
