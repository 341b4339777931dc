"""What is SQLite's own: one file, one writer, and a lock that anybody can hold."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bucketlift.errors import DestinationBusy, DestinationRefused
from bucketlift.loaders.sqlite import SqliteLoader
from bucketlift.loaders.sqlite.error_translation import explained
from bucketlift.loaders.sqlite.holders import holder
from bucketlift.loaders.sqlite.opening import opened
from bucketlift.model.finding import Health
from bucketlift.model.load import LoadId, WriteMode
from contract.destinations import a_file, a_long_file, a_target, a_unit, people, sqlite_rows_of

SRC = Path(__file__).parents[3] / "src"
HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute(sys.argv[2])
held.execute("SELECT count(*) FROM sqlite_schema").fetchall()
print("held", flush=True)
sys.stdin.read()
"""


def load(loader, unit, *files):
    with loader.begin(unit) as open_load:
        for name, rows in zip(unit.loads, files, strict=True):
            open_load.write(name, rows)
        return open_load.commit()


def folder(file):
    return sorted(each.name for each in file.parent.iterdir())


def told(loader):
    return {finding.check: finding.health for finding in loader.examine()}


@contextmanager
def another_process_holds(file, begin="BEGIN IMMEDIATE"):
    command = [sys.executable, "-c", HOLD, str(file), begin]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        yield holder
        holder.stdin.close()


@pytest.mark.slow
def test_a_file_that_another_process_writes_is_busy_and_the_process_is_named(file, loader):
    load(loader, a_unit("load-1"), a_file(("1", "Ada")))

    with another_process_holds(file) as holder:
        with pytest.raises(DestinationBusy, match=rf"locked by python.*\(PID {holder.pid}\)"):
            load(loader, a_unit("load-2"), a_file(("2", "Grace")))
        while_written = loader.receipts([LoadId("load-1")])

    load(loader, a_unit("load-2"), a_file(("2", "Grace")))
    assert set(while_written) == {"load-1"}
    assert sqlite_rows_of(file, "people") == people(("1", "Ada"), ("2", "Grace"))


@pytest.mark.slow
def test_a_file_that_another_process_has_for_itself_cannot_even_be_read(file, loader):
    load(loader, a_unit("load-1"), a_file(("1", "Ada")))

    with another_process_holds(file, "BEGIN EXCLUSIVE") as holder:
        with pytest.raises(DestinationBusy, match=f"PID {holder.pid}"):
            loader.receipts([LoadId("load-1")])
        found = loader.examine()[0]

    assert found.health is Health.UNKNOWN
    assert f"PID {holder.pid}" in found.what


@pytest.mark.slow
def test_somebody_who_reads_for_long_keeps_a_commit_waiting_and_nothing_is_left_of_it(file, loader):
    load(loader, a_unit("load-1"), a_file(("1", "Ada")))

    with (
        another_process_holds(file, "BEGIN") as holder,
        pytest.raises(DestinationBusy, match=f"PID {holder.pid}"),
    ):
        load(loader, a_unit("load-2"), a_file(("2", "Grace")))

    assert sqlite_rows_of(file, "people") == people(("1", "Ada"))
    assert set(loader.receipts([LoadId("load-1"), LoadId("load-2")])) == {"load-1"}


@pytest.mark.slow
def test_in_write_ahead_mode_who_reads_keeps_nobody_waiting(file, loader, person):
    load(loader, a_unit("load-1"), a_file(("1", "Ada")))
    person("PRAGMA journal_mode = WAL")

    with another_process_holds(file, "BEGIN"):
        load(loader, a_unit("load-2"), a_file(("2", "Grace")))

    assert sqlite_rows_of(file, "people") == people(("1", "Ada"), ("2", "Grace"))
    assert person("PRAGMA journal_mode") == [("wal",)]


@pytest.mark.slow
def test_a_lock_that_is_given_up_in_time_is_waited_for(file):
    patient = SqliteLoader(file, wait=20.0)
    load(patient, a_unit("load-1"), a_file(("1", "Ada")))

    with another_process_holds(file) as holder:
        threading.Timer(0.05, holder.kill).start()
        load(patient, a_unit("load-2"), a_file(("2", "Grace")))

    assert sqlite_rows_of(file, "people") == people(("1", "Ada"), ("2", "Grace"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the locks of two libraries apart")
def test_a_file_that_this_very_process_has_open_elsewhere_is_busy_and_keeps_its_locks(file, loader):
    load(loader, a_unit("load-1"), a_file())
    with closing(sqlite3.connect(file, isolation_level=None)) as own:
        own.execute("BEGIN IMMEDIATE")

        with pytest.raises(DestinationBusy, match="this process itself"):
            load(loader, a_unit("load-2"), a_file(("1", "Ada")))

        assert holder(file) in ("this process itself", None)


def test_between_units_anyone_can_open_the_file_and_nothing_lies_beside_it(file, loader, person):
    load(loader, a_unit("load-1"), a_file(("1", "Ada")))
    assert folder(file) == ["warehouse.sqlite"]

    person("UPDATE people SET name = 'A. L.'")
    load(loader, a_unit("load-2"), a_file(("2", "Grace")))

    assert sqlite_rows_of(file, "people") == people(("1", "A. L."), ("2", "Grace"))
    assert folder(file) == ["warehouse.sqlite"]


def test_an_empty_file_is_an_empty_database(file, loader):
    file.touch()

    load(loader, a_unit(), a_file(("1", "Ada")))

    assert sqlite_rows_of(file, "people") == people(("1", "Ada"))


@pytest.mark.parametrize(
    "content", [b"x", b"id,name\n1,Ada\n", b"id,name\n1,Ada\n" * 1000], ids=["byte", "short", "csv"]
)
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(file, loader, content):
    file.write_bytes(content)

    with pytest.raises(DestinationRefused, match="not a SQLite database"):
        load(loader, a_unit(), a_file(("1", "Ada")))
    with pytest.raises(DestinationRefused, match="not a SQLite database"):
        loader.receipts([LoadId("load-1")])

    assert file.read_bytes() == content
    assert told(loader) == {"open": Health.MISSING, "space": Health.OK}


def test_a_damaged_database_is_refused(file, loader):
    load(loader, a_unit("load-1"), a_long_file(2_000))
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))

    with pytest.raises(DestinationRefused, match="damaged"):
        load(loader, a_unit("load-2"), a_file(("1", "Ada")))


def test_a_file_that_may_only_be_read_is_refused_but_its_receipts_are_found(open_directory, without_rights):
    file = open_directory / "warehouse.sqlite"
    receipts = load(SqliteLoader(file), a_unit(), a_file(("1", "Ada")))
    file.chmod(0o444)
    without_rights(file)

    with pytest.raises(DestinationRefused, match="No permission to read and write"):
        load(SqliteLoader(file), a_unit("load-2"), a_file(("2", "Grace")))

    assert SqliteLoader(file).receipts([LoadId("load-1")]) == {"load-1": receipts[0]}
    assert told(SqliteLoader(file))["open"] is Health.MISSING


def test_a_directory_that_takes_no_journal_is_refused(open_directory, without_rights):
    file = open_directory / "warehouse.sqlite"
    load(SqliteLoader(file), a_unit(), a_file(("1", "Ada")))
    file.chmod(0o666)
    without_rights(file)

    with pytest.raises(DestinationRefused, match="the database file and its folder"):
        load(SqliteLoader(file), a_unit("load-2"), a_file(("2", "Grace")))


@pytest.mark.parametrize("name", ["main", "temp", 'say "x"', "a?b=c", "a#b%20", ":memory:", "Ünïcödé 🪣"])
def test_the_file_can_have_any_name(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loader = SqliteLoader(Path(f"{name}.sqlite"))

    receipts = load(loader, a_unit(), a_file(("1", "Ada")))

    assert loader.receipts([LoadId("load-1")]) == {"load-1": receipts[0]}
    assert folder(tmp_path / name) == [f"{name}.sqlite"]


@pytest.mark.parametrize(
    "made", ["TABLE _bucketlift_loads (id INTEGER)", "VIEW _bucketlift_loads AS SELECT 1"]
)
def test_a_table_or_view_of_others_in_the_place_of_receipts_is_refused(loader, person, made):
    person(f"CREATE {made}")

    with pytest.raises(
        DestinationRefused, match=r"does not have the columns|has the name of the table of receipts"
    ):
        load(loader, a_unit(), a_file(("1", "Ada")))

    assert told(loader)["receipts"] is Health.MISSING


def test_a_full_disk_is_a_reason_to_come_again(file):
    with opened(file, wait=0, make=True) as small:
        small.rows("PRAGMA max_page_count = 2")

        with pytest.raises(DestinationBusy, match="disk is full"), explained("table people", file):
            small.change("CREATE TABLE people (id TEXT PRIMARY KEY)")


CRASH = """
import os, signal, sys, threading
from pathlib import Path
sys.path[:0] = sys.argv[3:5]
from contract.destinations import a_target, a_unit, a_file
from bucketlift.loaders.sqlite import SqliteLoader

file, moment = Path(sys.argv[1]), sys.argv[2]

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def die_when_seen():
    before = file.stat().st_size
    while file.stat().st_size == before:
        pass
    die()

with SqliteLoader(file).begin(a_unit("load-2")) as load:
    load.write("load-2", a_file(*((str(number), "new" * 50) for number in range(20_000))))
    if moment == "written":
        die()
    threading.Thread(target=die_when_seen, daemon=True).start()
    load.commit()
die()
"""


@pytest.mark.slow
@pytest.mark.parametrize("journal", ["delete", "wal"])
@pytest.mark.parametrize("moment", ["written", "committing"])
def test_a_process_killed_in_the_middle_of_a_commit_leaves_all_or_nothing(
    file, loader, person, moment, journal
):
    load(loader, a_unit("load-1"), a_file(("1", "Ada")))
    person(f"PRAGMA journal_mode = {journal}")
    crash = [sys.executable, "-c", CRASH, str(file), moment, str(SRC), str(SRC.parent / "tests")]

    killed = subprocess.run(crash, check=False, timeout=120)
    receipts = loader.receipts([LoadId("load-1"), LoadId("load-2")])
    load(loader, a_unit("load-3"), a_file(("3", "Edsger")))

    assert killed.returncode == -9
    assert folder(file) == ["warehouse.sqlite"]
    assert len(sqlite_rows_of(file, "people") or []) == (20_002 if "load-2" in receipts else 2)
    assert "load-1" in receipts
    assert moment != "written" or "load-2" not in receipts


@pytest.mark.slow
def test_a_large_load_waits_on_the_disk_and_leaves_nothing_beside_the_file(file, loader, person):
    target = a_target(mode=WriteMode.UPSERT, key=("id",))

    receipts = load(loader, a_unit(target=target), a_long_file(100_000, step=10_000))

    assert receipts[0].inserted == 100_000
    assert person("SELECT count(*) FROM people") == [(100_000,)]
    assert folder(file) == ["warehouse.sqlite"]
