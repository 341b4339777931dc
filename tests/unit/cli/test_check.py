"""check: what a sender sees, and the exit code."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from bucketlift.cli.entry import run

WORKFLOW = """
version: 1
project: hr
accounts:
  acme: {kind: aws-role, role_arn: "arn:aws:iam::111122223333:role/bucketlift", region: us-east-1}
destinations:
  warehouse: {kind: duckdb, path: warehouse.duckdb}
workflows:
  people:
    tasks:
      - id: files
        extract: {kind: s3, account: acme, bucket: drop, sample: sample.csv, fields: {id: {type: integer}}, max_rejected: 1, after_import: keep}
      - id: load
        load: {from: files, to: warehouse, table: people, mode: upsert, key: [id]}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sample.csv").write_bytes(b"id,name\n")
    Path("hr.yaml").write_text(WORKFLOW, encoding="utf-8")
    Path("good.csv").write_bytes(b"id,name\n1,Ann\n")
    Path("bad.csv").write_bytes(b"id,name\n1,Ann\n2\n3," + b"x" * 300 + b",\x1b\n")


def test_a_first_file_without_a_clean_header_is_no_sample_and_is_told_the_setting_that_reads_it(here, capsys):
    Path("mac.csv").write_bytes(b"id,name\r1,Ann\r")

    assert run(["check", "mac.csv"]) == 2

    assert capsys.readouterr().err == (
        "Error: The file cannot be used. The header row in line 1 contains a carriage return without a line feed\n"
        "   to: mac.csv\n"
        " hint: Set `dialect: {line_end: cr}`. Then this file can be read.\n"
    )


def test_a_good_file_ends_with_0(here, capsys):
    code = run(["check", "good.csv", "--sample", "sample.csv"])

    assert (code, capsys.readouterr().out) == (0, "good.csv: good; 1 rows, 0 rejects, 0 blank lines\n")


def test_a_file_that_would_be_held_ends_with_3_and_shows_its_rejects(here, capsys):
    code = run(["check", "good.csv", "bad.csv", "--sample", "sample.csv"])

    assert code == 3
    assert capsys.readouterr().out == (
        "good.csv: good; 1 rows, 0 rejects, 0 blank lines\n"
        "bad.csv: would be held (too-many-rejects); 1 rows, 2 rejects, 0 blank lines\n"
        "  2 of 3 records are rejects; max_rejected allows 0 rows\n"
        "  hint: Look at the rejects, correct the file and upload it again, or raise max_rejected.\n"
        "  line 3, byte 14: wrong-width: 2\\n\n"
        f"  line 4, byte 16: wrong-width: 3,{'x' * 198}...\n"
    )


def test_a_limit_lets_rejects_pass(here, capsys):
    assert run(["check", "bad.csv", "--sample", "sample.csv", "--max-rejected", "70%"]) == 0
    assert run(["check", "bad.csv", "--sample", "sample.csv", "--max-rejected", "2"]) == 0
    assert run(["check", "bad.csv", "--sample", "sample.csv", "--max-rejected", "1"]) == 3


def test_a_workflow_file_brings_its_types_keys_and_limit(here, capsys):
    Path("file.csv").write_bytes(b"id,name\n1,a\n01,b\n2,c\nx,d\n")

    code = run(["check", "file.csv", "--workflow-file", "hr.yaml", "--workflow", "people", "--json"])

    assert code == 3
    assert json.loads(capsys.readouterr().out) == {
        "files": [
            {
                "file": "file.csv",
                "held": True,
                "rows": 1,
                "rejected": 3,
                "blank_lines": 0,
                "notes": [],
                "reason": "too-many-rejects",
                "what": "3 of 4 records are rejects; max_rejected allows 1 rows",
                "hint": "Look at the rejects, correct the file and upload it again, or raise max_rejected.",
                "rejects": [
                    {"line": 2, "offset": 8, "reason": "key-twice", "field": "id", "text": "1,a\\n"},
                    {"line": 3, "offset": 12, "reason": "key-twice", "field": "id", "text": "01,b\\n"},
                    {"line": 5, "offset": 21, "reason": "not-an-integer", "field": "id", "text": "x,d\\n"},
                ],
            }
        ]
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["good.csv", "--sample", "sample.csv", "--workflow-file", "hr.yaml"],
        ["good.csv", "--sample", "nowhere.csv"],
        ["nowhere.csv", "--sample", "sample.csv"],
        ["good.csv", "--sample", "sample.csv", "--file-type", "xls"],
        ["good.csv", "--sample", "sample.csv", "--max-rejected", "many"],
        ["good.csv", "--workflow-file", "hr.yaml"],
        ["good.csv", "--workflow-file", "hr.yaml", "--workflow", "nobody"],
        ["good.csv", "--workflow-file", "hr.yaml", "--workflow", "people", "--task", "nothing"],
    ],
)
def test_a_wrong_request_ends_with_2(here, capsys, arguments):
    assert run(["check", *arguments]) == 2
    assert capsys.readouterr().out == ""


def test_without_a_sample_the_first_files_header_is_the_contract(here, capsys):
    Path("other.csv").write_bytes(b"id,mail\n1,a@b.c\n")

    code = run(["check", "good.csv", "other.csv", "--json"])

    files = json.loads(capsys.readouterr().out)["files"]
    assert (code, [each["held"] for each in files]) == (3, [False, True])


def test_encodings_shows_the_words_side_by_side_and_needs_no_sample(here, capsys):
    Path("names.csv").write_bytes("id,name\n1,Иванов\n".encode("cp1251"))

    code = run(["check", "--encodings", "names.csv"])

    out = capsys.readouterr().out
    assert code == 0
    assert out.startswith("names.csv: The file is not UTF-8: byte 10 cannot be read\n")
    shown = [line.split()[:2] for line in out.splitlines()]
    assert ["cp1251", "Иванов"] in shown
    assert ["cp1252", "Èâàíîâ"] in shown


def test_encodings_looks_into_compressed_files_and_answers_in_json(here, capsys):
    Path("names.csv.gz").write_bytes(gzip.compress("id,name\n1,Иванов\n".encode("cp1251")))

    code = run(["check", "--encodings", "names.csv.gz", "--json"])

    (found,) = json.loads(capsys.readouterr().out)["files"]
    assert (code, found["file"], found["reason"], found["words"]) == (0, "names.csv.gz", "not-utf-8", 1)
    assert found["encodings"][0] == {"encoding": "cp1251", "same": [], "words": ["Иванов"]}
