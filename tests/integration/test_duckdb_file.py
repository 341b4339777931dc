"""What is DuckDB's own: one file, one writer, and nothing beside it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from bucketlift.errors import DestinationBusy, DestinationRefused
from bucketlift.loaders.duckdb import DuckdbLoader
from bucketlift.model.finding import Health
from bucketlift.model.load import LoadId, WriteMode
from bucketlift.model.rows import RowStream
from contract.destinations import (
    a_file,
    a_target,
    a_unit,
    people,
    rows_of,
)

SRC = Path(__file__).parents[2] / "src"
HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def loader(file):
    return DuckdbLoader(file)


def load(loader, unit, *files):
    with loader.begin(unit) as open_load:
        for name, rows in zip(unit.loads, files, strict=True):
            open_load.write(name, rows)
        return open_load.commit()


def folder(file):
    return [each.name for each in file.parent.iterdir()]


@contextmanager
def another_process_holds(file):
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        yield holder
        holder.stdin.close()


@pytest.mark.slow
def test_a_file_that_another_process_holds_is_busy_and_the_process_is_named(file, loader):
    load(loader, a_unit("load-1"), a_file(("1", "Ada")))

    with another_process_holds(file) as holder:
        with pytest.raises(DestinationBusy, match=rf"python.*\(PID {holder.pid}\)"):
            load(loader, a_unit("load-2"), a_file(("2", "Grace")))
        with pytest.raises(DestinationBusy, match=f"PID {holder.pid}"):
            loader.receipts([LoadId("load-1")])

    load(loader, a_unit("load-2"), a_file(("2", "Grace")))
    assert rows_of(file, "people") == people(("1", "Ada"), ("2", "Grace"))


def test_a_file_that_this_very_process_has_open_is_busy(file, loader):
    with duckdb.connect(str(file)), pytest.raises(DestinationBusy, match="This process itself"):
        load(loader, a_unit(), a_file(("1", "Ada")))


def test_between_units_anyone_can_open_the_file_and_nothing_lies_beside_it(file, loader):
    load(loader, a_unit("load-1"), a_file(("1", "Ada")))
    assert folder(file) == ["warehouse.duckdb"]

    with duckdb.connect(str(file)) as person:
        person.execute("UPDATE people SET name = 'A. L.'")
    load(loader, a_unit("load-2"), a_file(("2", "Grace")))

    assert rows_of(file, "people") == people(("1", "A. L."), ("2", "Grace"))
    assert folder(file) == ["warehouse.duckdb"]


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"id,name\n1,Ada\n" * 1000, b"SQLite format 3\0" + bytes(4080)],
    ids=["empty", "byte", "csv", "sqlite"],
)
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(file, loader, content):
    file.write_bytes(content)

    with pytest.raises(DestinationRefused, match="not a DuckDB database"):
        load(loader, a_unit(), a_file(("1", "Ada")))
    with pytest.raises(DestinationRefused, match="not a DuckDB database"):
        loader.receipts([LoadId("load-1")])

    assert file.read_bytes() == content


def test_a_file_that_may_only_be_read_is_refused_but_its_receipts_are_found(open_directory, without_rights):
    file = open_directory / "warehouse.duckdb"
    receipts = load(DuckdbLoader(file), a_unit(), a_file(("1", "Ada")))
    file.chmod(0o444)
    without_rights(file)

    with pytest.raises(DestinationRefused, match="No permission to read and write"):
        load(DuckdbLoader(file), a_unit("load-2"), a_file(("2", "Grace")))

    assert DuckdbLoader(file).receipts([LoadId("load-1")]) == {"load-1": receipts[0]}


@pytest.mark.parametrize(
    "name", ["bucketlift", "main", "temp", "system", "memory", 'say "x"', "a?b=c", "md:x", "Ünïcödé 🪣"]
)
def test_the_file_can_have_any_name(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loader = DuckdbLoader(Path(f"{name}.duckdb"))

    receipts = load(loader, a_unit(), a_file(("1", "Ada")))

    assert loader.receipts([LoadId("load-1")]) == {"load-1": receipts[0]}
    assert folder(tmp_path / name) == [f"{name}.duckdb"]


def test_a_database_without_receipts_has_none(file, loader):
    with duckdb.connect(str(file)) as person:
        person.execute("CREATE TABLE other (id INTEGER)")

    assert loader.receipts([LoadId("load-1")]) == {}


def test_a_table_of_others_in_the_place_of_receipts_is_refused(file, loader):
    with duckdb.connect(str(file)) as person:
        person.execute("CREATE SCHEMA bucketlift; CREATE TABLE bucketlift.loads (id INTEGER)")

    with pytest.raises(DestinationRefused, match=r"bucketlift\.loads does not have the columns"):
        load(loader, a_unit(), a_file(("1", "Ada")))


def test_a_load_spills_beside_the_database_and_leaves_nothing_there(file):
    loader = DuckdbLoader(file, memory_limit="48MB")
    target = a_target(mode=WriteMode.UPSERT, key=("id",))
    rows = [(str(number), f"{number}" * 100) for number in range(50_000)]

    load(loader, a_unit(target=target), a_file(*rows))

    assert folder(file) == ["warehouse.duckdb"]
    with duckdb.connect(str(file), read_only=True) as person:
        assert person.execute("SELECT count(*) FROM people").fetchall() == [(50_000,)]


def test_rows_that_a_killed_process_spilled_are_removed(file, loader):
    spilled = Path(f"{file}.spill")
    spilled.mkdir()
    (spilled / "duckdb_temp_1_0_storage_DEFAULT-0.tmp").write_bytes(b"cells")

    load(loader, a_unit(), a_file(("1", "Ada")))

    assert folder(file) == ["warehouse.duckdb"]


CRASH = """
import os, signal, sys, threading
from pathlib import Path
sys.path[:0] = sys.argv[3:5]
from contract.destinations import a_target, a_unit, a_file
from bucketlift.loaders.duckdb import DuckdbLoader

file, moment = Path(sys.argv[1]), sys.argv[2]
log = Path(f"{file}.wal")

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def die_when_seen():
    while not log.exists():
        pass
    committing = file.stat().st_mtime_ns
    while moment == "checkpoint" and file.stat().st_mtime_ns == committing:
        pass
    die()

unit = a_unit("load-2")
with DuckdbLoader(file).begin(unit) as load:
    load.write("load-2", a_file(*((str(number), "new" * 20) for number in range(100_000))))
    if moment == "written":
        die()
    threading.Thread(target=die_when_seen, daemon=True).start()
    load.commit()
die()
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["written", "log", "checkpoint"])
def test_a_process_killed_in_the_middle_of_a_commit_leaves_all_or_nothing(file, loader, moment):
    load(loader, a_unit("load-1"), a_file(("1", "Ada")))
    crash = [sys.executable, "-c", CRASH, str(file), moment, str(SRC), str(SRC.parent / "tests")]

    killed = subprocess.run(crash, check=False, timeout=120)
    receipts = loader.receipts([LoadId("load-1"), LoadId("load-2")])
    load(loader, a_unit("load-3"), a_file(("3", "Edsger")))

    assert killed.returncode == -9
    assert len(rows_of(file, "people") or []) == (100_002 if "load-2" in receipts else 2)
    assert "load-1" in receipts
    assert moment != "written" or "load-2" not in receipts
    assert folder(file) == ["warehouse.duckdb"]


def test_receipts_of_a_former_version_count_as_ours_and_stay(file, loader):
    load(loader, a_unit("load-1"), a_file(("1", "Ada")))
    with duckdb.connect(str(file)) as person:
        person.execute("ALTER TABLE bucketlift.loads DROP COLUMN installation")
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    ours = DuckdbLoader(file, installation="ours")
    assert [receipt.load for receipt in ours.receipts_since(long_ago)] == ["load-1"]

    load(ours, a_unit("load-2"), a_file(("2", "Grace")))

    assert [receipt.load for receipt in ours.receipts_since(long_ago)] == ["load-1", "load-2"]
    assert [
        receipt.load for receipt in DuckdbLoader(file, installation="theirs").receipts_since(long_ago)
    ] == ["load-1"]


def told(loader):
    return {finding.check: finding.health for finding in loader.examine()}


def test_a_doctor_tells_of_what_is_no_database_and_of_a_place_that_cannot_be_made(file, tmp_path):
    file.write_bytes(b"id,name\n" * 100)

    no_database, no_place = told(DuckdbLoader(file)), told(DuckdbLoader(file / "x" / "y.duckdb"))

    assert no_database == {"open": Health.MISSING, "space": Health.OK}
    assert no_place == {"open": Health.MISSING, "space": Health.OK}


@pytest.mark.slow
def test_a_doctor_cannot_tell_more_of_a_file_that_another_process_holds(file, loader):
    load(loader, a_unit(), a_file())

    with another_process_holds(file) as holder:
        found = loader.examine()

    assert found[0].health is Health.UNKNOWN
    assert f"(PID {holder.pid})" in found[0].what


def test_a_doctor_tells_of_a_table_of_others_in_the_place_of_receipts(file, loader):
    with duckdb.connect(str(file)) as person:
        person.execute("CREATE SCHEMA bucketlift; CREATE TABLE bucketlift.loads (id INTEGER)")

    assert told(loader)["receipts"] is Health.MISSING


@pytest.mark.slow
def test_huge_cells_in_several_columns_are_given_the_memory_that_they_take(file, loader):
    fields = ("id", "name", "note")
    unit = a_unit("load-1", target=a_target(*fields))
    row = tuple(letter * 25_000_000 for letter in "abc")

    load(loader, unit, rows_of_their_own([row] * 4, fields))

    with duckdb.connect(str(file)) as connection:
        found = connection.execute("SELECT count(*), sum(length(note)) FROM people").fetchall()
    assert found == [(4, 100_000_000)]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [40, 400])
def test_rows_that_need_more_memory_than_there_is_leave_nothing(file, columns):
    fields = tuple(f"field{number}" for number in range(columns))
    unit = a_unit("load-1", target=a_target(*fields))
    rows = [tuple(f"{hash((row, field)):x}" for field in fields) for row in range(200_000 // columns)]
    loader = DuckdbLoader(file, memory_limit="8MB")

    with pytest.raises(DestinationRefused) as refused:
        load(loader, unit, a_file(*rows, fields=fields))

    assert refused.value.what.startswith("The load needs more memory than its limit [DuckDB OutOfMemory")
    assert refused.value.hint == "Load smaller files."
    assert loader.columns() == {}


def rows_of_their_own(rows, fields):
    """A batch for each, as the reader leaves huge ones."""
    streams = [a_file(row, fields=fields) for row in rows]
    return RowStream(schema=streams[0].schema, batches=(batch for stream in streams for batch in stream))
