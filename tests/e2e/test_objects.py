"""Files from a bucket become files in a bucket, a folder or on an SFTP server, each once."""

from __future__ import annotations

import getpass
import gzip
import re
from pathlib import Path
from typing import Any

import pytest

import gpg
import sshd
from e2e.world import World, brief, extract, loaded, table_of

pytestmark = pytest.mark.slow

ANN = table_of(("1", "Ann"), ("2", "Bo"))
CID = table_of(("3", "Cid"))


def export(to: str = "out", **more: Any) -> dict[str, Any]:
    settings = {"from": "files", "to": to, "format": "csv", "name": "{task}/{file}", **more}
    return {"id": "export", "load_objects": settings}


def out(world: World) -> dict[str, Any]:
    (world.root / "exports").mkdir(exist_ok=True)
    return {"out": {"kind": "folder", "path": "exports"}}


def written(world: World) -> dict[str, bytes]:
    folder = world.root / "exports"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_are_written_to_a_bucket_and_their_sources_are_deleted(world: World) -> None:
    place = {"out": {"kind": "s3", "account": "acme", "bucket": "archive", "prefix": "hr/"}}
    world.apply(
        extract("delete"),
        export(compression="gzip", name="{task}/{date}/{file}"),
        destinations=place,
    )
    world.put("in/a.csv", ANN)
    world.put("in/b.csv", CID)

    ended = world.run()
    again = world.run()

    assert brief(ended) == [("in/a.csv", "done", 2, None), ("in/b.csv", "done", 1, None)]
    assert loaded(ended) == {"export": (3, 0, 0)}
    found = {
        re.sub(r"\d{4}-\d\d-\d\d", "DAY", key): gzip.decompress(body)
        for key, body in world.server.objects("archive").items()
    }
    assert found == {"hr/export/DAY/a.csv.gz": ANN, "hr/export/DAY/b.csv.gz": CID}
    assert (world.keys(), brief(again)) == ([], [])


def test_one_file_goes_to_a_table_and_to_a_folder(world: World) -> None:
    load = {"id": "people", "load": {"from": "files", "to": "warehouse", "table": "people"}}
    places = {**out(world), "warehouse": {"kind": "duckdb", "path": "warehouse.duckdb"}}
    world.apply(extract("delete"), load, export(), destinations=places)
    world.put("in/a.csv", ANN)

    ended = world.run()

    assert brief(ended) == [("in/a.csv", "done", 2, None)]
    assert (written(world), world.rows()) == ({"export/a.csv": ANN}, [("1", "Ann"), ("2", "Bo")])


def test_a_name_that_the_template_gives_twice_holds_the_second_file_until_it_is_changed(world: World) -> None:
    world.apply(extract("delete"), export(), destinations=out(world))
    world.put("in/one/a.csv", ANN)
    world.put("in/two/a.csv", CID)

    held = world.run()
    found = written(world)
    hint = world.files()[1]["hint"]
    world.apply(extract("delete"), export(name="{file}-{load}"), destinations=out(world))
    world.decide("retry", "in/two/a.csv")
    ended = world.run()

    assert brief(held) == [("in/one/a.csv", "done", 2, None), ("in/two/a.csv", "held", 1, "name-taken")]
    assert found == {"export/a.csv": ANN}
    assert "{load}" in hint
    assert brief(ended) == [("in/two/a.csv", "done", 1, None)]
    assert sorted(written(world).values()) == sorted([ANN, CID])


def test_a_file_of_another_program_is_kept_and_ours_is_held_until_it_is_gone(world: World) -> None:
    world.apply(extract("delete"), export(on_collision="hold"), destinations=out(world))
    (world.root / "exports/export").mkdir()
    (world.root / "exports/export/a.csv").write_bytes(b"other")
    world.put("in/a.csv", ANN)

    held = world.run()
    before = written(world)
    (world.root / "exports/export/a.csv").unlink()
    world.decide("retry", "in/a.csv")
    ended = world.run()

    assert (brief(held), before) == ([("in/a.csv", "held", 2, "name-taken")], {"export/a.csv": b"other"})
    assert (brief(ended), written(world)) == ([("in/a.csv", "done", 2, None)], {"export/a.csv": ANN})


def test_mended_rows_are_written_to_a_file_of_their_own(world: World) -> None:
    world.apply(
        extract("keep", max_rejected=5, fields={"id": {"type": "integer"}}),
        export(),
        destinations=out(world),
    )
    world.put("in/a.csv", table_of(("1", "Ann"), ("x", "Bo")))
    world.run()
    (file,) = world.files()
    world.command("rejects", "export", file["id"], "--to", "rejects.csv")
    rejects = world.root / "rejects.csv"
    rejects.write_text(rejects.read_text().replace("x,Bo", "2,Bo"))

    world.command("rejects", "replay", file["id"], "rejects.csv")

    assert written(world) == {"export/a.csv": b"id,name\n1,Ann\n", "export/a~mended1.csv": b"id,name\n2,Bo\n"}


def test_encrypted_files_reach_an_sftp_server(world: World, tmp_path: Path) -> None:
    if gpg.ABSENT:
        pytest.skip("gpg is not installed")
    (tmp_path / "gpg").mkdir(mode=0o700)
    partner = gpg.Sender(home=tmp_path / "gpg")
    partner.make_key("partner")
    (world.root / "partner.asc").write_bytes(partner.public("partner"))
    with sshd.running(tmp_path / "sshd") as server:
        (world.root / "exports").mkdir()
        drop = {
            "kind": "sftp",
            "host": "127.0.0.1",
            "port": server.port,
            "user": getpass.getuser(),
            "path": str(world.root / "exports"),
            "host_key": server.host_key,
            "private_key": {"file": str(server.folder / "user")},
        }
        imported = world.command("keys", "import", "partner", "partner.asc")
        world.apply(extract("delete"), export(pgp={"recipients": ["partner"]}), destinations={"out": drop})
        world.put("in/a.csv", ANN)

        checked = world.command("destinations", "doctor", "out", "--json")
        ended = world.run()

    assert (imported.code, checked.code, checked.json["sound"]) == (0, 0, True)
    assert brief(ended) == [("in/a.csv", "done", 2, None)]
    assert {name: partner.gpg("--decrypt", given=body) for name, body in written(world).items()} == {
        "export/a.csv.pgp": ANN
    }
    assert world.keys() == []


def test_a_changed_host_key_fails_the_load_and_deletes_nothing(world: World, tmp_path: Path) -> None:
    with sshd.running(tmp_path / "sshd") as server:
        sshd.make_key(tmp_path / "other")
        (world.root / "exports").mkdir()
        drop = {
            "kind": "sftp",
            "host": "127.0.0.1",
            "port": server.port,
            "user": getpass.getuser(),
            "path": str(world.root / "exports"),
            "host_key": (tmp_path / "other.pub").read_text(),
            "private_key": {"file": str(server.folder / "user")},
        }
        world.apply(extract("delete"), export(), destinations={"out": drop})
        world.put("in/a.csv", ANN)

        ended = world.run()

    assert ended["state"] == "failed"
    assert "does not have the key of the settings" in str(ended)
    assert (world.keys(), written(world)) == (["in/a.csv"], {})


def test_a_file_with_written_files_cannot_be_unloaded(world: World) -> None:
    world.apply(extract("keep"), export(), destinations=out(world))
    world.put("in/a.csv", ANN)
    world.run()
    (file,) = world.files()

    refused = world.command("files", "unload", file["id"], "--yes")

    assert refused.code != 0
    assert written(world) == {"export/a.csv": ANN}


def test_destinations_show_the_place_of_the_files(world: World) -> None:
    world.apply(extract("delete"), export(), destinations=out(world))

    shown = world.command("destinations", "show", "out", "--json").json

    assert (shown["kind"], shown["path"]) == ("folder", str(world.root / "exports"))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"name": "{task}/{fil}"}, "There is no placeholder `{fil}`"),
        ({"pgp": {"recipients": ["nobody"]}}, "there is no PGP key `nobody`"),
        ({"to": "warehouse"}, "`warehouse` is not a place for files"),
        ({"to": "self"}, "the files that `export` writes would be read again"),
    ],
)
def test_a_load_that_cannot_work_is_refused_when_it_is_applied(
    world: World, settings: dict[str, Any], problem: str
) -> None:
    places = {
        **out(world),
        "warehouse": {"kind": "duckdb", "path": "warehouse.duckdb"},
        "self": {"kind": "s3", "account": "acme", "bucket": "drop", "prefix": "in/"},
    }
    world.file(extract("delete"), export(**settings), destinations=places)

    refused = world.command("apply", "project.yaml", "--yes")

    assert refused.code != 0
    assert problem in refused.err
