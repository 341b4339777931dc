"""Encrypted and compressed files from the bucket to the table, and those that are refused."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.service.projects import projects
from bucketlift.service.secrets import keys, secrets
from e2e.world import brief, counts, extract, load, table_of
from gpg import ABSENT, Sender

pytestmark = [pytest.mark.slow, pytest.mark.skipif(ABSENT, reason="gpg is not installed")]

PGP = {"keys": ["hr-2026"]}
ANN, BEN = ("1", "Ann"), ("2", "Ben")


@pytest.fixture(scope="module")
def sender(tmp_path_factory):
    """Has a key of its own, and the public part of the product's."""
    home = tmp_path_factory.mktemp("s")
    home.chmod(0o700)
    made = Sender(home=home)
    made.make_key("hr-2026")
    yield made
    made.stop()


@pytest.fixture
def world(world, sender):
    """With the private part of that key."""
    with world.app() as app:
        keys.import_key(app, "hr-2026", sender.private("hr-2026"))
    return world


def spooled(world):
    """Every file that is left of the runs."""
    return [path.name for path in (world.home / "spool").rglob("*") if path.is_file()]


def test_an_encrypted_gzip_in_a_bucket_is_loaded_and_deleted(world, sender):
    world.apply(extract("delete", pgp=PGP), load())
    world.put("in/a.csv.gz.pgp", sender.encrypt(gzip.compress(table_of(ANN, BEN)), "hr-2026"))

    ran = world.run()

    assert (ran["exit"], brief(ran), world.rows(), world.keys()) == (
        0,
        [("in/a.csv.gz.pgp", "done", 2, None)],
        [ANN, BEN],
        [],
    )
    assert spooled(world) == []


def test_of_a_tampered_file_nothing_is_in_the_table_and_nothing_is_left_behind(world, sender):
    world.apply(extract("delete", pgp=PGP), load())
    message = bytearray(sender.encrypt(table_of(*[(str(row), "Ann") for row in range(5000)]), "hr-2026"))
    message[-30] ^= 1
    world.put("in/a.pgp", bytes(message))
    world.put("in/b.pgp", sender.encrypt(table_of(BEN), "hr-2026"))

    ran = world.run()

    assert (ran["exit"], brief(ran), world.rows(), world.keys()) == (
        3,
        [("in/a.pgp", "held", 0, "pgp-damaged"), ("in/b.pgp", "done", 1, None)],
        [BEN],
        ["in/a.pgp"],
    )
    assert spooled(world) == []


def test_files_for_a_passphrase_and_signed_files_are_read_by_a_task_that_says_so(world, sender):
    with world.app() as app:
        secrets.put(app, "phrase", "correct horse")
    locked = sender.gpg(
        "--pinentry-mode", "loopback", "--passphrase", "correct horse", "--symmetric", given=table_of(ANN)
    )
    other = sender.gpg(
        "--pinentry-mode", "loopback", "--passphrase", "wrong", "--symmetric", given=table_of(ANN)
    )
    world.apply(extract("keep", pgp={"symmetric": {"secret": "phrase"}, "signed": "accept"}), load())
    world.put("in/a.pgp", locked)
    world.put("in/b.pgp", other)
    world.put("in/c.asc", sender.gpg("--clear-sign", given=table_of(("-2", "Ben"))))

    ran = world.run()

    assert brief(ran) == [
        ("in/a.pgp", "done", 1, None),
        ("in/b.pgp", "held", 0, "wrong-passphrase"),
        ("in/c.asc", "done", 1, None),
    ]
    assert sorted(world.rows()) == [("-2", "Ben"), ANN]
    with world.app() as app, pytest.raises(RequestWrong, match="still used by workflow"):
        secrets.delete(app, "phrase")


def test_the_files_of_an_archive_that_a_task_names_are_loaded(world):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as made:
        for name, content in {
            "data/a.csv": table_of(ANN),
            "README": b"x",
            "data/b.csv": table_of(BEN),
        }.items():
            made.writestr(name, content)
    world.apply(extract("keep", archive={"entries": "data/*.csv"}), load())
    world.put("in/a.zip", sink.getvalue())

    ran = world.run()

    assert (brief(ran), world.rows()) == ([("in/a.zip", "done", 2, None)], [ANN, BEN])


def test_a_plain_file_is_held_until_the_task_allows_it(world, sender):
    world.apply(extract("delete", pgp=PGP), load())
    world.put("in/a.csv", table_of(ANN))
    held = world.run()

    world.apply(extract("delete", pgp={**PGP, "required": False}), load())
    world.put("in/b.csv", sender.encrypt(table_of(BEN), "hr-2026"))
    again = world.run()

    assert brief(held) == [("in/a.csv", "held", 0, "not-encrypted")]
    assert (again["exit"], counts(again), world.rows()) == (0, {"found": 2, "loaded": 2}, [ANN, BEN])


def test_a_file_for_a_key_that_is_added_later_is_loaded_then(world, sender):
    world.apply(extract("delete", pgp=PGP), load())
    sender.make_key("old")
    world.put("in/a.pgp", sender.encrypt(table_of(ANN), "old"))
    held = world.run()

    with world.app() as app:
        keys.import_key(app, "hr-2025", sender.private("old"))
    world.apply(extract("delete", pgp={"keys": ["hr-2026", "hr-2025"]}), load())
    again = world.run()

    assert brief(held) == [("in/a.pgp", "held", 0, "encrypted-for-another-key")]
    assert (again["exit"], world.rows()) == (0, [ANN])


def test_without_gpg_the_task_fails_and_no_file_is_held(world, sender, monkeypatch):
    world.apply(extract("delete", pgp=PGP), load())
    world.put("in/a.pgp", sender.encrypt(table_of(ANN), "hr-2026"))
    monkeypatch.setenv("PATH", "/nowhere")

    ran = world.run()

    assert (ran["exit"], brief(ran)) == (1, [("in/a.pgp", "retrying", 0, "not-read")])
    assert [task["error"]["what"] for task in ran["tasks"] if "error" in task] == [
        "GnuPG is not installed, but encrypted files need it"
    ]


def test_no_key_and_no_plain_text_comes_to_an_answer_or_the_ledger(world, sender):
    world.apply(extract("keep", pgp=PGP), load())
    world.put("in/a.pgp", sender.encrypt(table_of(("1", "S3CRET-VALUE")), "hr-2026"))

    said = [
        world.command("run", "w", "--json"),
        world.command("keys", "show", "hr-2026"),
        world.command("secrets", "list"),
    ]

    assert [each.code for each in said] == [0] * 3
    everything = "".join(each.out + each.err for each in said)
    assert ("S3CRET" in everything, "PRIVATE" in everything) == (False, False)
    assert b"PRIVATE" not in (world.home / "ledger.sqlite").read_bytes()


def test_a_killed_process_leaves_plain_text_in_its_own_spool_only_and_the_next_start_removes_it(
    world, sender
):
    world.apply(extract("keep", pgp=PGP), load())
    dead = world.home / "spool" / "1-dead"
    (dead / "unpacked-x" / "gpg-y").mkdir(parents=True)
    (dead / "unpacked-x" / "plain").write_bytes(table_of(ANN))
    (world.home / "workers").mkdir(exist_ok=True)
    (world.home / "workers" / "1-dead.lock").touch()

    ran = world.run()

    assert (ran["exit"], dead.exists()) == (0, False)


def test_a_key_that_a_task_names_is_not_deleted_and_an_unknown_one_is_not_applied(world, sender):
    world.apply(extract("keep", pgp=PGP), load())
    unknown = world.file(extract("keep", pgp={"keys": ["hr-2062"]}), load(), name="other.yaml")

    with world.app() as app:
        with pytest.raises(RequestWrong) as deleted:
            keys.delete(app, "hr-2026")
        with pytest.raises(RequestWrong) as applied:
            projects.plan(app, [unknown])

    assert deleted.value.what == "The key is still used by w / files"
    assert "there is no PGP key (decrypt) `hr-2062`" in applied.value.what


def test_rotating_the_vault_s_key_seals_private_keys_anew(world, sender):
    world.apply(extract("keep", pgp=PGP), load())
    world.put("in/a.pgp", sender.encrypt(table_of(ANN), "hr-2026"))

    with world.app() as app:
        rotated = secrets.rotate(app)
    ran = world.run()

    assert (rotated.secrets, ran["exit"], world.rows()) == (1, 0, [ANN])


def test_compressed_files_are_loaded_whatever_their_names_say(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", gzip.compress(table_of(ANN)))
    world.put("in/b.csv.gz", table_of(BEN))
    world.put("in/c.zip", gzip.compress(table_of(BEN))[:-4])

    ran = world.run()

    assert brief(ran) == [
        ("in/a.csv", "done", 1, None),
        ("in/b.csv.gz", "done", 1, None),
        ("in/c.zip", "held", 0, "compression-damaged"),
    ]
    assert (world.rows(), world.keys(), spooled(world)) == ([ANN, BEN], ["in/c.zip"], [])


def test_a_compressed_file_of_no_byte_is_an_empty_file(world):
    world.put("in/a.gz", gzip.compress(b""))
    world.apply(extract("delete"), load())
    held = world.run()

    world.apply(extract("delete", empty="skip"), load())
    skipped = world.run()

    assert (brief(held), brief(skipped)) == (
        [("in/a.gz", "held", 0, "empty")],
        [("in/a.gz", "skipped", 0, "empty")],
    )


def test_all_files_of_a_zip_are_loaded_with_lines_that_count_through(world):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as made:
        made.writestr("b.csv", table_of(ANN))
        made.writestr("a.csv", table_of(BEN))
    world.put("in/both.zip", sink.getvalue())
    world.apply(extract("delete"), load())
    held = world.run()

    world.apply(extract("delete", zip="all"), load())
    ran = world.run()

    assert brief(held) == [("in/both.zip", "held", 0, "zip-entries")]
    assert (brief(ran), world.rows(columns="id, name, _source_line")) == (
        [("in/both.zip", "done", 2, None)],
        [(*ANN, 2), (*BEN, 4)],
    )


def test_a_key_that_two_files_of_a_zip_share_is_a_reject_in_both_and_the_others_are_merged(world):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as made:
        made.writestr("b.csv", table_of(ANN, ("3", "Cid")))
        made.writestr("a.csv", table_of(BEN, ("3", "Dee")))
    world.apply(extract("delete", zip="all", max_rejected=2), load(mode="upsert"))
    world.put("in/0.csv", table_of(("1", "Old")))
    world.put("in/both.zip", sink.getvalue())

    ran = world.run()

    assert brief(ran) == [("in/0.csv", "done", 1, None), ("in/both.zip", "done", 2, None)]
    assert world.rows() == [ANN, BEN]
    with world.app() as app:
        kept = [
            (each.line, each.raw, each.reason) for each in app.ledger.claims.rejects(ran["files"][1]["id"])
        ]
    assert kept == [(3, b"3,Cid\n", "key-twice"), (6, b"3,Dee\n", "key-twice")]


def test_a_bomb_is_held_and_a_higher_bound_lets_it_in(world, monkeypatch):
    world.apply(extract("delete"), load())
    world.put("in/a.gz", gzip.compress(table_of(*[("1", "x" * 1000)] * 300)))
    monkeypatch.setenv("BUCKETLIFT_MAX_UNPACKED_BYTES", "100000")
    held = world.run()

    monkeypatch.delenv("BUCKETLIFT_MAX_UNPACKED_BYTES")
    world.decide("retry", "in/a.gz")
    ran = world.run()

    assert (held["exit"], brief(held)) == (3, [("in/a.gz", "held", 0, "unpacks-too-big")])
    assert (ran["exit"], len(world.rows())) == (0, 300)


def test_a_key_that_will_expire_is_told_by_plan_and_in_the_run_s_log(world, sender):
    sender.make_key("soon", expires="10d")
    with world.app() as app:
        keys.import_key(app, "soon", sender.private("soon"))
        noted = projects.plan(app, [world.file(extract("keep", pgp={"keys": ["soon"]}), load())]).notes
    world.apply(extract("keep", pgp={"keys": ["soon"]}), load())
    world.put("in/a.pgp", sender.encrypt(table_of(ANN), "soon"))

    ran = world.run()

    with world.app() as app:
        logged = [entry.what for entry in app.ledger.logs.find(ran["run"]) if entry.level == "warning"]
    assert [note.rpartition(" ")[0] for note in noted] == ["PGP key soon expires on"]
    assert [each.rpartition(" ")[0] for each in logged] == ["PGP key soon expires on"]


def test_one_command_reads_the_header_of_a_compressed_file(world):
    world.apply(workflows={})
    world.put("in/a.csv.gz", gzip.compress(table_of(ANN)))

    ran = world.command("load", "s3://drop/in/", "--into", "warehouse", "--table", "people", "--json")

    assert (ran.code, world.rows()) == (0, [ANN])
    (world.root / "b.gz").write_bytes(gzip.compress(table_of(BEN)))
    checked = world.command("check", "b.gz", "--sample", "sample.csv", "--json")
    assert (checked.code, [path.name for path in world.root.glob("unpacked-*")]) == (0, [])
