"""Encrypted and compressed files in the hands of a sender or a program: read and checked as a workflow would."""

from __future__ import annotations

import gzip
import json
import zipfile

import pytest

import bucketlift
from bucketlift.bootstrap import open_app
from bucketlift.cli.entry import run
from bucketlift.errors import FileHeld, RequestWrong
from bucketlift.service.secrets import keys
from bucketlift.settings import Settings

TABLE = b"id,name\n1,Ann\n"


@pytest.fixture
def here(tmp_path, monkeypatch, sender):
    """A folder with the private key ``hr``, a file for it, and one for somebody else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUCKETLIFT_HOME", str(tmp_path / "home"))
    (tmp_path / "hr.key").write_bytes(sender.private("hr"))
    (tmp_path / "hr.pub").write_bytes(sender.public("hr"))
    (tmp_path / "ours.csv.gz.pgp").write_bytes(sender.encrypt(gzip.compress(TABLE), "hr"))
    (tmp_path / "theirs.pgp").write_bytes(sender.encrypt(TABLE, "eve"))
    (tmp_path / "plain.csv").write_bytes(TABLE)
    return tmp_path


def test_a_compressed_file_is_read_without_a_word(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(TABLE))

    reading = bucketlift.read_file(tmp_path / "a.gz")

    assert reading.rows.to_pylist() == [{"id": "1", "name": "Ann"}]
    assert [path.name for path in tmp_path.iterdir()] == ["a.gz"]


def test_what_was_left_out_of_a_zip_is_told(tmp_path, capsys):
    (tmp_path / "sample.csv").write_bytes(TABLE)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("a.csv", TABLE)
        made.writestr("__MACOSX/._a.csv", b"x")

    reading = bucketlift.read_file(tmp_path / "a.zip")
    code = run(["check", str(tmp_path / "a.zip"), "--sample", str(tmp_path / "sample.csv"), "--json"])

    told = ("1 macOS metadata entries of the zip were left out",)
    (checked,) = json.loads(capsys.readouterr().out)["files"]
    assert (code, reading.notes, tuple(checked["notes"])) == (0, told, told)


def test_a_gzip_of_nothing_is_an_empty_file_and_a_cut_one_is_held(tmp_path):
    found = {}
    for name, data in {"empty": gzip.compress(b""), "cut": gzip.compress(TABLE)[:-4]}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FileHeld) as held:
            bucketlift.read_file(tmp_path / name)
        found[name] = held.value.reason

    assert found == {"empty": "empty", "cut": "compression-damaged"}


@pytest.mark.slow
def test_a_program_reads_an_encrypted_file_with_the_key_it_gives(here):
    with pytest.raises(FileHeld) as without:
        bucketlift.read_file("ours.csv.gz.pgp")
    with pytest.raises(FileHeld) as theirs:
        bucketlift.read_file("theirs.pgp", pgp_key="hr.key")
    with pytest.raises(RequestWrong, match="Files cannot be decrypted with this key"):
        bucketlift.read_file("ours.csv.gz.pgp", pgp_key="hr.pub")

    reading = bucketlift.read_file("ours.csv.gz.pgp", pgp_key="hr.key")

    assert reading.rows.to_pylist() == [{"id": "1", "name": "Ann"}]
    assert bucketlift.read_file("plain.csv", pgp_key="hr.key").rows == reading.rows
    assert [each.value.reason for each in (without, theirs)] == ["encrypted", "encrypted-for-another-key"]


@pytest.mark.slow
def test_a_key_with_a_passphrase_opens_with_it_only(here, sender, monkeypatch):
    sender.make_key("shut", passphrase="open sesame")
    (here / "locked.key").write_bytes(sender.private("shut", "open sesame"))
    (here / "l.pgp").write_bytes(sender.encrypt(TABLE, "shut"))
    monkeypatch.setenv("OPENS", "open sesame")

    with pytest.raises(RequestWrong):
        bucketlift.read_file("l.pgp", pgp_key="locked.key", pgp_passphrase="simsim")
    reading = bucketlift.read_file("l.pgp", pgp_key="locked.key", pgp_passphrase="open sesame")
    checked = run(
        [
            "check",
            "l.pgp",
            "--sample",
            "plain.csv",
            "--pgp-key-file",
            "locked.key",
            "--passphrase-env",
            "OPENS",
        ]
    )

    assert (len(reading.rows), checked) == (1, 0)


@pytest.mark.slow
@pytest.mark.parametrize("option", [("--pgp-key", "hr-2026"), ("--pgp-key-file", "hr.key")])
def test_a_sender_checks_an_encrypted_file(here, sender, capsys, option):
    with open_app(Settings(home=here / "home")) as app:
        keys.import_key(app, "hr-2026", sender.private("hr"))

    code = run(
        ["check", "ours.csv.gz.pgp", "plain.csv", "theirs.pgp", "--sample", "plain.csv", *option, "--json"]
    )

    files = json.loads(capsys.readouterr().out)["files"]
    assert code == 3
    assert [(each["file"], each["rows"], each["reason"]) for each in files] == [
        ("ours.csv.gz.pgp", 1, None),
        ("plain.csv", 1, None),
        ("theirs.pgp", 0, "encrypted-for-another-key"),
    ]
    assert sorted(path.name for path in here.glob("bucketlift-*")) == []


WORKFLOW = """version: 1
project: hr
accounts:
  acme: {{kind: aws-role, role_arn: "arn:aws:iam::111122223333:role/bucketlift", region: us-east-1}}
destinations:
  warehouse: {{kind: sqlite, path: warehouse.sqlite}}
workflows:
  people:
    tasks:
      - id: files
        extract:
          {{kind: s3, account: acme, bucket: drop, sample: plain.csv, after_import: keep, pgp: {{keys: [hr-2026]{more}}}}}
      - id: load
        load: {{from: files, to: warehouse, table: people, mode: append}}
"""


@pytest.mark.slow
def test_a_message_in_an_e_mail_is_checked_as_a_run_reads_it(here, sender, capsys):
    message = sender.encrypt(TABLE, "hr", options=("--armor",))
    (here / "mail.pgp").write_bytes(b"Hello\n\n" + message)
    (here / "rows.pgp").write_bytes(b"2,Bob\n" + message)
    (here / "w.yaml").write_text(WORKFLOW.format(more=""))
    (here / "free.yaml").write_text(WORKFLOW.format(more=", required: false"))
    files, key = ["mail.pgp", "rows.pgp", "plain.csv"], ["--pgp-key-file", "hr.key", "--json"]
    reasons = {}

    for name, terms in {
        "sample": ["--sample", "plain.csv"],
        "required": ["--workflow-file", "w.yaml", "--workflow", "people"],
        "not required": ["--workflow-file", "free.yaml", "--workflow", "people"],
    }.items():
        run(["check", *files, *terms, *key])
        reasons[name] = [each["reason"] for each in json.loads(capsys.readouterr().out)["files"]]

    assert reasons == {
        "sample": [None, "several-messages", None],
        "required": [None, "several-messages", "not-encrypted"],
        "not required": ["no-header", "no-header", None],
    }
    assert bucketlift.read_file("mail.pgp", pgp_key="hr.key").rows.to_pylist() == [{"id": "1", "name": "Ann"}]


@pytest.mark.slow
def test_a_key_that_is_not_there_or_a_senders_is_told_before_any_file_is_read(here, sender, capsys):
    with open_app(Settings(home=here / "home")) as app:
        keys.import_key(app, "sam", sender.public("sam"))

    codes = [
        run(["check", "plain.csv", "--sample", "plain.csv", "--pgp-key", name, "--json"])
        for name in ("nobody", "sam")
    ]

    assert codes == [2, 2]
    assert "Files cannot be decrypted with a sender's key" in capsys.readouterr().out
