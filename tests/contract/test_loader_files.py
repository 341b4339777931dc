"""What every loader into a database file does with the file and with what is beside it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from bucketlift.errors import DestinationRefused
from bucketlift.model.finding import Health
from contract.destinations import a_file, a_unit, duckdb_file, people, sqlite_file


@pytest.fixture(params=[duckdb_file, sqlite_file], ids=lambda maker: maker.__name__)
def maker(request):
    return request.param


@pytest.fixture
def destination(maker, tmp_path):
    return maker(tmp_path)


def told(destination):
    return {finding.check: finding.health for finding in destination.loader.examine()}


def test_threads_of_one_process_load_one_after_the_other(destination):
    def one(number):
        mine = replace(destination, loader=replace(destination.loader))
        mine.load(a_unit(f"load-{number}"), a_file((str(number), "Ada")))

    threads = [threading.Thread(target=one, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert destination.table("people") == people(*((str(number), "Ada") for number in range(4)))


def test_the_directory_of_the_file_is_made(maker, tmp_path):
    destination = maker(tmp_path / "not" / "yet")

    destination.load(a_unit(), a_file(("1", "Ada")))

    assert destination.table("people") == people(("1", "Ada"))


def test_a_directory_that_cannot_be_made_is_refused(maker, tmp_path):
    (tmp_path / "file").write_text("not a directory")

    with pytest.raises(DestinationRefused, match="folder of the database file cannot be created"):
        maker(tmp_path / "file").load(a_unit(), a_file())


def test_a_directory_under_the_files_name_is_refused(destination):
    destination.loader.path.mkdir()

    with pytest.raises(DestinationRefused, match="The path is a folder"):
        destination.load(a_unit(), a_file())


def test_a_doctor_tells_of_a_file_before_and_after_it_is_made(destination):
    assert told(destination) == {"open": Health.OK, "space": Health.OK}
    assert not destination.loader.path.exists()

    destination.load(a_unit(), a_file())

    assert told(destination) == {
        "open": Health.OK,
        "receipts": Health.OK,
        "durability": Health.OK,
        "tables": Health.OK,
        "space": Health.OK,
    }
