"""From an empty home to rows in a table, by the twenty steps, and what is there afterwards compared whole."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from browser import window
from bucketlift.testing.s3server import S3Server
from pages import steps
from pages.served import served
from pages.watching import watch

pytestmark = pytest.mark.slow

OTHER = {"payroll/2026-03.csv": "not,ours\n1,2\n"}
ROWS = [
    ("1", "Ada", "Berg, née Ørsted", "ada@example.com", "2026-01-05"),
    ("2", "Bo", "Çelik", "bo@example.com", "2026-02-01"),
    ("3", "Chidi", "Abara", "chidi@example.org", "2026-03-02"),
]


@pytest.fixture
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        server.make_bucket(steps.BUCKET)
        for key, text in {**steps.FILES, **OTHER}.items():
            server.put(steps.BUCKET, key, text.encode())
        yield server


def test_from_an_empty_home_to_rows_in_a_table(chrome, s3, tmp_path):
    home = tmp_path / "home"
    with served(home, s3.environment) as console, window(chrome, console.address, width=900) as browser:
        seen = watch(browser)
        person = steps.Person(page=browser.new_page(), s3=s3)
        steps.sets_up(person, console.set_up)

        steps.creates_a_workflow(person)
        steps.sets_when_it_runs(person)
        steps.chooses_the_extract_task(person)
        steps.connects_an_account(person)
        steps.says_which_files(person)
        steps.uploads_a_sample(person, tmp_path)
        steps.verifies_the_fields(person)
        steps.adds_a_condition(person)
        steps.adds_a_loader(person)
        steps.switches_on(person)
        steps.runs_it_and_watches(person)
        steps.reads_the_history(person)

    assert rows_in(home) == ROWS
    assert s3.objects(steps.BUCKET) == {key: text.encode() for key, text in OTHER.items()}
    assert seen.found == []


def rows_in(home: Path) -> list[tuple[str, ...]]:
    (file,) = home.rglob("*.duckdb")
    with closing(duckdb.connect(str(file), read_only=True)) as connection:
        columns = steps.HEADER.strip()
        return sorted(connection.table("employees").project(columns).fetchall())
