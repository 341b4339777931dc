"""As in a container: a root that is read-only, a user without a name, and one folder to write to."""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from e2e.world import COMMAND, World, counts, extract, load, table_of

pytestmark = pytest.mark.slow

DATA = Path("/mnt")
"""Where the folder is mounted: one that every system has."""
NAMELESS = (
    "setpriv --reuid 54321 --regid 0 --clear-groups --no-new-privs "
    "--inh-caps=-all,+dac_read_search --ambient-caps=-all,+dac_read_search"
)
"""It may read all files, for Python may be in a folder of another user's. Write it may as its modes say."""
ANN = table_of(("1", "Ann"), ("2", "Bob"))


def contained(folder: Path, line: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A line of bash where nothing but the folder can be written, and its user is nobody known."""
    told = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
    inside = f"cd / && {NAMELESS} env -i PATH=/usr/bin:/bin {told} bash -c {shlex.quote(line)}"
    script = f"""
        set -e
        mount --bind {shlex.quote(str(folder))} {DATA}
        for place in / /tmp /var/tmp /dev/shm; do
            if mountpoint -q $place; then mount -o remount,bind,ro $place; fi
        done
        {inside}
    """
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "bash", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if shutil.which("unshare") is None or shutil.which("setpriv") is None:
        pytest.skip("needs unshare and setpriv (util-linux)")
    made = tmp_path / "data"
    made.mkdir()
    made.chmod(0o770)
    shutil.chown(made, group=0)
    tried = contained(
        made, f"{shlex.quote(str(COMMAND))} --version; touch /tmp/x 2>/dev/null && echo writable", {}
    )
    if "bucketlift" not in tried.stdout or "writable" in tried.stdout:
        pytest.skip(f"no such namespace can be made here: {tried.stderr.strip()[-200:]}")
    return made


def files_of(world: World, folder: Path) -> None:
    """A project that needs nothing but its folder."""
    account: dict[str, Any] = {
        "kind": "s3-compatible",
        "endpoint_url": world.server.url,
        "access_key": {"env": "STORE_KEY"},
        "secret_key": {"env": "STORE_SECRET"},
    }
    destinations = {
        "warehouse": {"kind": "duckdb", "path": "warehouse.duckdb"},
        "register": {"kind": "sqlite", "path": "register.sqlite"},
    }
    second = {**load("staff", mode="upsert")}
    second["load"]["to"] = "register"
    world.file(extract("delete"), load(), second, accounts={"acme": account}, destinations=destinations)
    for name in ("project.yaml", "sample.csv"):
        shutil.copy(world.root / name, folder / name)
        (folder / name).chmod(0o644)


def test_a_workflow_runs_where_only_its_folder_can_be_written(world, folder):
    files_of(world, folder)
    world.put("in/従業員.csv", ANN)
    command = shlex.quote(str(COMMAND))
    line = (
        f"{command} apply {DATA}/project.yaml --yes >&2 && {command} run w --dry-run >&2 "
        f"&& {command} run w --json && {command} check {DATA}/sample.csv --sample {DATA}/sample.csv >&2; [ $? = 2 ] && "
        f" {command} db backup {DATA}/backup >&2"
    )

    ran = contained(
        folder,
        line,
        {
            "BUCKETLIFT_HOME": str(DATA / "home"),
            "STORE_KEY": world.server.access_key,
            "STORE_SECRET": world.server.secret_key,
        },
    )

    assert (ran.returncode, "report" in ran.stderr) == (0, False), ran.stderr
    assert counts(json.loads(ran.stdout)) == {"found": 1, "loaded": 1}
    assert "hint: Set TMPDIR to a folder that this user may write to." in ran.stderr
    assert (world.keys(), (folder / "home" / "temporary").is_dir()) == ([], True)
    with closing(sqlite3.connect(folder / "register.sqlite")) as register:
        assert register.execute("SELECT id, name FROM staff ORDER BY id").fetchall() == [
            ("1", "Ann"),
            ("2", "Bob"),
        ]
