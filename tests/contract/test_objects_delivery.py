"""What becomes of files that a load writes if attempts end at any point. Each place is real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import gpg
import sshd
from bucketlift.codecs.pgp_encrypt import Recipient
from bucketlift.codecs.pgp_keys import read_key
from bucketlift.errors import BucketliftError, DestinationRefused, NameTaken, NeedsPerson, PlaceTaken
from bucketlift.model.claim import ClaimId
from bucketlift.model.delivery import (
    Answer,
    AnswerState,
    Chunk,
    ChunkState,
    Content,
    Counts,
    DeliveredFile,
    Promise,
    idempotency_key,
)
from bucketlift.model.finding import Health
from bucketlift.model.load import Column, Lineage, LoadId
from bucketlift.model.objects.file_format import ObjectFormat
from bucketlift.model.objects.target import OBJECTS, ObjectsTarget
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.model.source import OnCollision, Precondition
from bucketlift.objects.delivery import ObjectsDelivery, UnusableName
from bucketlift.objects.places.bucket import BucketPlace
from bucketlift.objects.places.folder import FolderPlace
from bucketlift.objects.places.place import Expected, StagedPlace
from bucketlift.stores.putting import Putting
from bucketlift.testing.s3server import S3Server
from contract import places
from contract.places import Bench

CSV = b"Id,Name\n1,Ann\n2,\n"
FILE = DeliveredFile(
    load=LoadId("loadidloadidloadid"),
    claim=ClaimId("claim"),
    load_task="export",
    key="in/a.csv",
    found_on=date(2026, 11, 30),
)
TARGET = ObjectsTarget(
    table=OBJECTS,
    columns=(Column(name="Id", field="Id"), Column(name="Name", field="Name")),
    lineage=Lineage.OFF,
    format=ObjectFormat.CSV,
    name="{task}/{file}",
)
NAME = "export/a.csv"
SUFFIXED = "export/a~a60f41a6.csv"


@pytest.fixture(scope="module")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path_factory.mktemp("sshd")) as found:
        yield found


@pytest.fixture(scope="module")
def s3_server() -> Iterator[S3Server]:
    with S3Server() as found:
        yield found


@pytest.fixture(scope="module")
def recipient(tmp_path_factory: pytest.TempPathFactory) -> gpg.Sender:
    if gpg.ABSENT:
        pytest.skip("gpg is not installed")
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    found = gpg.Sender(home=home)
    found.make_key("partner")
    return found


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


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt of a worker: its own spool, and the chunk as the ledger has it."""

    delivery: ObjectsDelivery
    target: ObjectsTarget
    content: Content
    chunk: Chunk

    def send(self) -> Answer:
        return self.delivery.send(self.target, self.chunk, self.content)

    def ask(self, job: str | None = None) -> Answer:
        return self.delivery.ask(self.target, replace(self.chunk, job=job), self.content)

    def finish(self) -> Answer:
        """Send and ask until the file is confirmed."""
        answer = self.send()
        return self.ask(answer.job) if answer.state is AnswerState.RUNNING else answer


@pytest.fixture
def attempt(bench: Bench, tmp_path: Path):
    def begin(
        target: ObjectsTarget = TARGET, keys: tuple[Recipient, ...] = (), token: str = "first"
    ) -> Attempt:
        spool = tmp_path / f"spool{len(list(tmp_path.iterdir()))}"
        spool.mkdir()
        delivery = ObjectsDelivery(bench.place, lambda _names: keys)
        (content,) = delivery.contents(target, FILE, _rows(), spool)
        chunk = Chunk(
            claim=FILE.claim,
            load_task="export",
            part=0,
            number=1,
            load=FILE.load,
            destination="out",
            first_line=content.first_line,
            last_line=content.last_line,
            rows=content.rows,
            sha256=content.sha256,
            key=idempotency_key(FILE.load, 1, content.sha256),
            state=ChunkState.SENT,
            name=content.name,
            token=token,
        )
        return Attempt(delivery=delivery, target=target, content=content, chunk=chunk)

    return begin


@pytest.fixture
def encrypted(attempt: Any, recipient: gpg.Sender, tmp_path: Path):
    """Attempts that encrypt for the partner."""
    found = read_key(tmp_path, recipient.public("partner"))
    key = Recipient(name="partner", fingerprint=found.fingerprint, public=found.public)
    return lambda token="first": attempt(replace(TARGET, recipients=("partner",)), (key,), token)


def _rows() -> RowStream:
    types: dict[str, pa.DataType] = {"Id": pa.string(), "Name": pa.string(), SOURCE_LINE: pa.int64()}
    schema = pa.schema(types)
    rows: list[dict[str, Any]] = [
        {"Id": "1", "Name": "Ann", SOURCE_LINE: 2},
        {"Id": "2", "Name": None, SOURCE_LINE: 3},
    ]
    return RowStream(schema=schema, batches=iter([pa.RecordBatch.from_pylist(rows, schema)]))


def confirmed(name: str) -> Answer:
    return Answer(state=AnswerState.CONFIRMED, counts=Counts(inserted=2), name=name)


def test_a_file_is_written_once_and_a_repeat_changes_nothing(bench: Bench, attempt: Any) -> None:
    answers = [attempt().send(), attempt().send(), attempt().ask()]

    assert answers == [confirmed(NAME)] * 3
    assert bench.files() == {NAME: CSV}
    assert attempt().delivery.promise(TARGET) is Promise.EXACTLY_ONCE


def test_a_file_that_was_never_sent_is_absent(bench: Bench, attempt: Any) -> None:
    assert attempt().ask() == Answer(state=AnswerState.ABSENT)


def test_an_end_between_upload_and_rename_leaves_one_file_after_the_next_attempt(
    bench: Bench, attempt: Any
) -> None:
    if isinstance(bench.place, StagedPlace):
        begun = attempt()
        bench.place.stage(NAME, begun.content.path, f"{FILE.load}-1")

    asked, sent = attempt().ask(), attempt().send()

    assert (asked, sent) == (Answer(state=AnswerState.ABSENT), confirmed(NAME))
    assert bench.files() == {NAME: CSV}


def test_an_end_between_the_new_name_and_the_removal_of_the_old_one_leaves_one_file(
    bench: Bench, attempt: Any
) -> None:
    attempt().send()
    if isinstance(bench.place, StagedPlace):
        bench.place.stage(NAME, attempt().content.path, f"{FILE.load}-1")

    assert attempt().ask() == confirmed(NAME)
    assert bench.files() == {NAME: CSV}


def test_another_file_is_not_changed_and_ours_gets_a_suffix(bench: Bench, attempt: Any) -> None:
    bench.write(NAME, b"of another program")

    answers = [attempt().send(), attempt().ask(), attempt().send()]

    assert answers == [confirmed(SUFFIXED)] * 3
    assert bench.files() == {NAME: b"of another program", SUFFIXED: CSV}


def test_another_file_holds_ours_if_the_load_chose_so(bench: Bench, attempt: Any) -> None:
    bench.write(NAME, b"of another program")

    with pytest.raises(NameTaken) as held:
        attempt(replace(TARGET, on_collision=OnCollision.HOLD)).send()

    assert held.value.reason == "name-taken"
    assert bench.files() == {NAME: b"of another program"}


def test_a_file_with_the_same_bytes_is_taken_as_ours(bench: Bench, attempt: Any) -> None:
    bench.write(NAME, CSV)

    assert attempt(replace(TARGET, on_collision=OnCollision.HOLD)).send() == confirmed(NAME)
    assert bench.files() == {NAME: CSV}


def test_an_encrypted_file_can_be_read_by_its_recipient(
    bench: Bench, encrypted: Any, recipient: gpg.Sender
) -> None:
    answer = encrypted().finish()

    assert answer == confirmed(f"{NAME}.pgp")
    (found,) = bench.files().items()
    assert found[0] == f"{NAME}.pgp"
    assert recipient.gpg("--decrypt", given=found[1]) == CSV


def test_the_chunk_of_an_encrypted_file_is_the_same_in_each_attempt(encrypted: Any) -> None:
    first, second = encrypted(), encrypted()

    assert first.content.path.read_bytes() != second.content.path.read_bytes()
    assert first.chunk == second.chunk


def test_an_encrypted_file_is_written_once_although_its_bytes_differ(bench: Bench, encrypted: Any) -> None:
    first, second = encrypted(), encrypted()
    begun = first.send()
    first.ask(begun.job)
    before = bench.files()

    answers = [second.ask(begun.job), second.ask(begun.job)]

    assert answers == [confirmed(f"{NAME}.pgp")] * 2
    assert bench.files() == before


def test_an_encrypted_file_whose_upload_ended_is_given_its_name_by_the_next_attempt(
    bench: Bench, encrypted: Any, recipient: gpg.Sender
) -> None:
    begun = encrypted().send()

    answer = encrypted().ask(begun.job)

    assert answer == confirmed(f"{NAME}.pgp")
    assert [recipient.gpg("--decrypt", given=each) for each in bench.files().values()] == [CSV]


def test_a_chunk_that_is_planned_anew_is_not_confirmed_by_the_encrypted_file_of_the_former_one(
    bench: Bench, encrypted: Any
) -> None:
    encrypted().finish()
    anew = encrypted("second")

    answers = [anew.ask(), anew.finish()]

    assert answers == [Answer(state=AnswerState.ABSENT), confirmed(f"{SUFFIXED}.pgp")]
    assert sorted(bench.files()) == sorted([f"{NAME}.pgp", f"{SUFFIXED}.pgp"])


def test_an_encrypted_upload_that_the_ledger_does_not_know_is_replaced(
    bench: Bench, encrypted: Any, recipient: gpg.Sender
) -> None:
    if isinstance(bench.place, StagedPlace):
        encrypted().send()

    next_attempt = encrypted()
    asked, finished = next_attempt.ask(), next_attempt.finish()

    assert (asked, finished) == (Answer(state=AnswerState.ABSENT), confirmed(f"{NAME}.pgp"))
    assert [recipient.gpg("--decrypt", given=each) for each in bench.files().values()] == [CSV]


def test_a_key_that_only_signs_is_refused_by_name(tmp_path: Path, recipient: gpg.Sender) -> None:
    recipient.gpg("--passphrase", "", "--quick-generate-key", "signs", "ed25519", "sign", "never")
    found = read_key(tmp_path, recipient.public("signs"))
    key = Recipient(name="signs", fingerprint=found.fingerprint, public=found.public)
    delivery = ObjectsDelivery(places.in_folder(tmp_path / "out").place, lambda _names: (key,))

    with pytest.raises(NeedsPerson, match="Files cannot be encrypted for this key") as refused:
        list(delivery.contents(replace(TARGET, recipients=("signs",)), FILE, _rows(), tmp_path))

    assert refused.value.to == "key signs"


def test_a_source_whose_name_no_file_can_have_is_held(tmp_path: Path) -> None:
    delivery = ObjectsDelivery(places.in_folder(tmp_path / "out").place, lambda _names: ())

    with pytest.raises(UnusableName) as held:
        list(delivery.contents(TARGET, replace(FILE, key="in/a\x07.csv"), _rows(), tmp_path))

    assert (held.value.reason, isinstance(held.value, DestinationRefused)) == ("unusable-name", True)


def test_a_folder_that_is_gone_changes_nothing(tmp_path: Path, attempt: Any, bench: Bench) -> None:
    delivery = ObjectsDelivery(FolderPlace(tmp_path / "gone"), lambda _names: ())
    begun = attempt()

    with pytest.raises(BucketliftError, match="The folder does not exist"):
        delivery.send(TARGET, begun.chunk, begun.content)

    assert not (tmp_path / "gone").exists()


def test_a_large_file_is_written_in_parts_once(tmp_path: Path, s3_server: S3Server) -> None:
    content = tmp_path / "large"
    content.write_bytes(b"large" * 1_100_000)
    with places.in_bucket(s3_server) as bench:
        store = bench.place._store  # type: ignore[attr-defined] # of a bucket
        store._putting = Putting(store._calls, part_bytes=5 * 1024**2)

        bench.place.put("large.bin", content, "mine")
        with pytest.raises(PlaceTaken):
            bench.place.put("large.bin", content, "other")

        assert bench.files() == {"large.bin": content.read_bytes()}
        assert [bench.place.holds("large.bin", Expected(owner=each)) for each in ("mine", "other")] == [
            True,
            False,
        ]
        written = [each.operation for each in s3_server.log if each.key == "hr/large.bin"]
        assert (written.count("UploadPart"), written.count("CompleteMultipartUpload")) == (4, 2)


def test_a_bucket_that_replaces_objects_is_refused_or_looked_at_before_each_write(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.write_bytes(CSV)
    weak = (Precondition.PUT_CREATE, Precondition.COMPLETE_CREATE)
    with S3Server(weak=weak) as server, places.in_bucket(server) as bench:
        store = bench.place._store  # type: ignore[attr-defined] # of a bucket
        accepting = BucketPlace(store, places.BUCKET, "hr/", accept_weak=True)
        bench.write("theirs.csv", b"of another program")

        with pytest.raises(NeedsPerson, match="does not honour If-None-Match") as refused:
            bench.place.put("ours.csv", content, "mine")
        accepting.put("ours.csv", content, "mine")
        for name in ("ours.csv", "theirs.csv"):
            with pytest.raises(PlaceTaken):
                accepting.put(name, content, "mine")

        assert "accept_weak_store: true" in (refused.value.hint or "")
        assert bench.files() == {"ours.csv": CSV, "theirs.csv": b"of another program"}
        assert {each.health for each in accepting.examine()} == {Health.WARNING}
