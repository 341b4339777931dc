"""A server that goes away, at the worst moments too."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from bucketlift.errors import DestinationBusy, DestinationRefused, LeaseLost
from bucketlift.loaders.postgresql import PostgresqlLoader
from bucketlift.model.load import LoadId, WriteMode
from contract.destinations import a_file, a_target, a_unit, people
from integration.postgresql.own_server import OWNER, own_server
from integration.postgresql.warehouse import a_warehouse

MODES = [a_target(), a_target(mode=WriteMode.UPSERT, key=("id",)), a_target(mode=WriteMode.REPLACE)]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with own_server(tmp_path_factory.mktemp("own") / "data") as server:
        yield server


@pytest.fixture
def warehouse(server):
    return a_warehouse(server.server.database())


@pytest.mark.slow
def test_a_server_that_is_down_is_waited_for(server, warehouse):
    server.stop()
    try:
        with pytest.raises(DestinationBusy, match="cannot be reached"):
            warehouse.load(a_unit(), a_file(("1", "Ada")))
        with pytest.raises(DestinationBusy, match="cannot be reached"):
            warehouse.loader().receipts([LoadId("load-1")])
    finally:
        server.start()

    warehouse.load(a_unit(), a_file(("1", "Ada")))
    assert warehouse.rows() == people(("1", "Ada"))


@pytest.mark.slow
@pytest.mark.parametrize(("target", "how"), list(zip(MODES, ["fast", "immediate", "fast"], strict=True)))
def test_a_server_that_restarts_in_the_middle_of_a_load_keeps_nothing_of_it(server, warehouse, target, how):
    with warehouse.loader().begin(a_unit(target=target)) as load:
        load.write(LoadId("load-1"), a_file(("1", "Ada")))
        server.restart(how)
        with pytest.raises(DestinationBusy, match=r"connection .*lost|ended the session"):
            load.commit()

    assert warehouse.loader().receipts([LoadId("load-1")]) == {}
    warehouse.load(a_unit(target=target), a_file(("1", "Ada")))
    assert warehouse.rows() == people(("1", "Ada"))


def test_a_connection_that_is_lost_before_a_commit_took_place_leaves_nothing(warehouse):
    loader = warehouse.loader(receipts=f"{warehouse.schema}.receipts")
    warehouse.load(a_unit("load-1"), a_file(("1", "Ada")), loader=loader)
    warehouse.person(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';"
        "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON receipts DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION die()"
    )

    with pytest.raises(DestinationBusy, match="lost during the commit"):
        warehouse.load(a_unit("load-2"), a_file(("2", "Grace")), loader=loader)

    assert warehouse.rows() == people(("1", "Ada"))
    assert loader.receipts([LoadId("load-2")]) == {}


@pytest.mark.slow
def test_a_connection_that_is_lost_after_a_commit_took_place_is_told_by_the_receipt(server, warehouse):
    """The commit is on the disk and waits for a second server that is not there, when its session is ended."""
    said: list[Exception] = []

    def load():
        try:
            warehouse.load(a_unit(), a_file(("1", "Ada")))
        except DestinationBusy as error:
            said.append(error)

    with server.setting("synchronous_standby_names", "nobody"):
        loading = threading.Thread(target=load)
        loading.start()
        end_the_session_that_waits_for("SyncRep", server.server.admin)
        loading.join()

    assert "lost during the commit" in str(said[0])
    assert set(warehouse.loader().receipts([LoadId("load-1")])) == {"load-1"}
    with pytest.raises(LeaseLost):
        warehouse.load(a_unit(), a_file(("1", "Ada")))
    assert warehouse.rows() == people(("1", "Ada"))


def end_the_session_that_waits_for(event, url):
    ended: Sequence[object] = []
    with psycopg.connect(url, autocommit=True) as admin:
        while not ended:
            ended = admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE wait_event = %s AND application_name = 'bucketlift'",
                [event],
            ).fetchall()


def test_a_wrong_password_is_refused_and_not_repeated(server, warehouse):
    table = server.folder / "pg_hba.conf"
    trusting = table.read_text()
    server.admin("CREATE ROLE hr LOGIN PASSWORD 'right'")
    table.write_text("local all hr scram-sha-256\nhost all hr all scram-sha-256\n" + trusting)
    server.admin("SELECT pg_reload_conf()")
    _, _, where = warehouse.url.partition("@")

    with pytest.raises(DestinationRefused) as refused:
        PostgresqlLoader(f"postgresql://hr:s3cret@{where}").receipts([LoadId("load-1")])
    with pytest.raises(DestinationRefused, match="the user or the password"):
        PostgresqlLoader(f"postgresql://hr@{where}").receipts([LoadId("load-1")])
    table.write_text("local all hr reject\nhost all hr all reject\n" + trusting)
    server.admin("SELECT pg_reload_conf()")
    with pytest.raises(DestinationRefused, match=r"pg_hba\.conf does not allow this connection"):
        PostgresqlLoader(f"postgresql://hr:right@{where}").receipts([LoadId("load-1")])
    table.write_text(trusting)
    server.admin("SELECT pg_reload_conf()", "DROP ROLE hr")

    assert refused.value.what.startswith("The server refused the user or the password [PostgreSQL: ")
    assert "s3cret" not in repr(refused.value)


@pytest.mark.slow
def test_a_full_disk_is_waited_for(server, warehouse, small_disk):
    server.admin(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
    warehouse.person("CREATE TABLE people (id text, name text) TABLESPACE small")
    try:
        with pytest.raises(DestinationBusy, match="disk is full"):
            warehouse.load(a_unit(), a_file(*((str(n), "x" * 1_000) for n in range(8_000))))
        warehouse.load(a_unit(), a_file(("1", "Ada")))

        assert warehouse.rows() == people(("1", "Ada"))
    finally:
        warehouse.person("DROP TABLE people; CHECKPOINT")
        server.admin("DROP TABLESPACE small")


@pytest.fixture
def small_disk():
    """A disk of 4 MB."""
    with tempfile.TemporaryDirectory() as outside:
        disk = Path(outside) / "disk"
        disk.mkdir()
        Path(outside).chmod(0o755)
        mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0777", "tmpfs", str(disk)]
        if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
            pytest.skip("only root can mount a small disk, and not in every container")
        try:
            place = disk / "tablespace"
            place.mkdir()
            shutil.chown(place, OWNER or "")
            place.chmod(0o700)
            yield place
        finally:
            subprocess.run(["umount", "-l", disk], check=True)
