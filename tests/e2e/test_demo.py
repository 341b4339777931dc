"""The demo from outside: what it prints is compared with the buckets, the tables and the ledger."""

import fcntl
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import duckdb
import pytest

from bucketlift.testing.s3server import S3Server

pytestmark = pytest.mark.slow

BUCKETLIFT = Path(sys.executable).parent / "bucketlift"
TITLES = (
    "Employees, daily",
    "Salesforce accounts, current",
    "Salesforce contacts",
    "Survey responses",
    "Staff into the directory",
)
TABLES = ("employees", "salesforce_accounts", "salesforce_contacts", "survey_responses")


def environment(**more):
    """Without any AWS or Bucketlift setting of the person who runs the tests."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BUCKETLIFT_"))
    }
    return clean | more


def bucketlift(*arguments, cwd, **settings):
    return subprocess.run(
        [BUCKETLIFT, *arguments],
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    returncode: int
    stdout: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    folder: Path
    first: Answer
    tables_after_first: dict[str, int]
    second: Answer

    @property
    def home(self) -> Path:
        return self.folder / "bucketlift-demo"


def seen_by_link(link):
    """The page that a browser comes to with the one-time link."""
    browser = build_opener(HTTPCookieProcessor())
    asked = browser.open(link, timeout=120).read().decode()
    told = dict(re.findall('name="(form|token)" value="([^"]+)"', asked))
    return browser.open(link.partition("?")[0], urlencode(told).encode(), timeout=120).read().decode()


def rows_of_tables(home):
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        tables = {name: connection.table(name).count("*").fetchall()[0][0] for name in TABLES}
    with closing(sqlite3.connect(home / "people.sqlite")) as connection:
        people = connection.execute("SELECT kind, count(*) FROM directory_people GROUP BY kind").fetchall()
    return tables | {f"people.{kind}": count for kind, count in people}


def section(text, head):
    """The lines below a heading, up to the next empty line."""
    lines = [line.rstrip() for line in text.splitlines()]
    start = next(number for number, line in enumerate(lines) if line.startswith(head)) + 1
    return lines[start : lines.index("", start)]


@pytest.fixture(scope="module")
def played(tmp_path_factory, worker_id):
    """The demo, played twice in one home: first for people, then for programs. Once for all test workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "demo"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = folder / "played.json"
        if not kept.exists():
            first = bucketlift("demo", "--once", cwd=folder)
            tables = rows_of_tables(folder / "bucketlift-demo")
            second = bucketlift("demo", "--once", "--json", cwd=folder)
            answers = [(each.returncode, each.stdout) for each in (first, second)]
            kept.write_text(json.dumps({"answers": answers, "tables": tables}))
    found = json.loads(kept.read_text())
    first, second = (Answer(*each) for each in found["answers"])
    return Played(folder=folder, first=first, tables_after_first=found["tables"], second=second)


@pytest.fixture
def buckets(played, tmp_path):
    """What the embedded server holds, found by starting it again from a copy of its own file."""
    with S3Server(state=shutil.copy(played.home / "demo" / "s3.sqlite", tmp_path)) as server:
        return {bucket: server.objects(bucket) for bucket in server.buckets()}


def test_the_first_play_says_how_many_rows_the_tables_hold(played):
    lines = section(played.first.stdout, "Loaded")[1:]

    said = {words[0]: int(words[1]) for words in map(str.split, lines)}
    assert (played.first.returncode, said) == (0, played.tables_after_first)
    assert said == {
        "employees": 400,
        "salesforce_accounts": 400,
        "salesforce_contacts": 350,
        "survey_responses": 498,
        "people.contacts": 400,
        "people.employees": 400,
    }


def test_what_is_said_of_each_object_is_what_the_buckets_show(played, buckets):
    lines = section(played.first.stdout, "Outcome of each object")[1:]
    said = dict(line.split(maxsplit=1) for line in lines)

    there = {key for key, fate in said.items() if fate.startswith(("still there", "loaded and kept"))}
    places = {found[1] for fate in said.values() if (found := re.search("(?:moved|renamed) to (.+)", fate))}
    gone = {key for key, fate in said.items() if fate == "deleted after its load"}
    listed = {f"s3://{bucket}/{key}" for bucket, objects in buckets.items() for key in objects}
    assert listed == {f"s3://demo-drop/{key}" for key in there} | places
    assert gone == {
        f"{folder}/{day}.csv"
        for folder in ("employees", "staff-directory")
        for day in ("2026-03-02", "2026-03-03")
    }


def test_every_held_file_is_told_with_its_reason_and_what_to_do(played):
    listed = bucketlift(
        "files", "list", "--attention", "--json", cwd=played.folder, BUCKETLIFT_HOME=played.home
    )

    told = "\n".join(section(played.first.stdout, "Held"))
    waiting = json.loads(listed.stdout)["files"]
    assert {(file["key"], file["reason"]) for file in waiting} == {
        ("employees/2026-03-04.csv", "renamed-column"),
        ("surveys/2026-04.csv", "too-many-rejects"),
    }
    assert all(file[word] in told for file in waiting for word in ("key", "reason", "what", "hint"))


def test_playing_again_loads_nothing_and_says_so(played):
    again = json.loads(played.second.stdout)

    done = [table[word] for table in again["tables"] for word in ("inserted", "updated", "unchanged")]
    assert (played.second.returncode, again["nothing_new"], again["problems"]) == (0, True, [])
    assert {table["table"]: table["rows"] for table in again["tables"]} == played.tables_after_first
    assert set(done) == {0}


def test_every_command_that_is_printed_works(played):
    starts = ("BUCKETLIFT_HOME=", sys.executable)
    found = [
        re.search(f"(?:{'|'.join(map(re.escape, starts))}).*", line)
        for line in played.first.stdout.splitlines()
    ]
    commands = [each[0] for each in found if each and "files ignore" not in each[0]]

    ran = [
        subprocess.run(
            ["sh", "-c", command], cwd=played.folder, env=environment(), capture_output=True, check=False
        )
        for command in commands
    ]

    assert [each.returncode for each in ran] == [0, 0, 0, 0, 0]
    assert all(each.stdout for each in ran)


def test_without_once_it_serves_other_commands_until_ctrl_c(tmp_path):
    home = tmp_path / "elsewhere"
    with subprocess.Popen(
        [BUCKETLIFT, "demo"],
        cwd=tmp_path,
        env=environment(BUCKETLIFT_HOME=str(home)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        said: list[str] = []
        while not (said and "/sign-in/link?token=" in said[-1]):
            said.append(demo.stdout.readline())
            assert said[-1], "the demo ended before it told how to reach it"
        exported = dict(
            line.split(maxsplit=1)[1].split("=", 1) for line in said if line.startswith("  export ")
        )
        settings = {name: value.strip() for name, value in exported.items()}
        seen = seen_by_link(said[-1].strip())
        looked = bucketlift("run", "surveys", "--dry-run", "--json", cwd=tmp_path, **settings)
        beside = bucketlift("demo", "--once", "--json", cwd=tmp_path, BUCKETLIFT_HOME=str(home))
        demo.send_signal(signal.SIGINT)

        assert demo.wait(timeout=120) == 0

    decisions = {file["key"]: file["decision"] for file in json.loads(looked.stdout)["files"]}
    assert settings["BUCKETLIFT_HOME"] == str(home)
    assert decisions == {"surveys/2026-04.csv": "held"}
    assert [title for title in TITLES if title not in seen] == []
    assert beside.returncode == 2
    assert json.loads(beside.stdout)["error"]["what"] == "Another demo is running in this home"


def test_a_home_with_things_of_its_own_is_left_alone(tmp_path):
    own = tmp_path / "own.duckdb"
    bucketlift(
        "destinations", "add", "warehouse", "--path", str(own), cwd=tmp_path, BUCKETLIFT_HOME=str(tmp_path)
    )

    refused = bucketlift("demo", "--once", "--home", str(tmp_path), cwd=tmp_path)

    shown = bucketlift(
        "destinations", "show", "warehouse", "--json", cwd=tmp_path, BUCKETLIFT_HOME=str(tmp_path)
    )
    assert refused.returncode == 2
    assert "with the demo's names" in refused.stderr
    assert json.loads(shown.stdout)["path"] == str(own)
