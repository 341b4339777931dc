"""Suggests commands that the user can run now, with the paths of this installation."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

SCRIPT = "look.py"

_SCRIPT = '''\
"""Shows the tables of a DuckDB file, or the result of an SQL query."""

import sys

import duckdb

PATH = {path!r}
TABLES = "select table_name from duckdb_tables() where schema_name = 'main' order by all"

with duckdb.connect(PATH, read_only=True) as connection:
    connection.sql(" ".join(sys.argv[1:]) or TABLES).show(max_width=160)
'''


def write_query_script(folder: Path, database: Path) -> Path:
    """Write a script that queries the database. Users need not download the `duckdb` command for it."""
    script = folder / SCRIPT
    script.write_text(_SCRIPT.format(path=str(database)), encoding="utf-8")
    return script


def query_command(script: Path, query: str) -> str:
    return shlex.join([short_path(Path(sys.executable)), short_path(script), query])


def bucketlift() -> str:
    """Return this installation's bucketlift command, as it can be called from the current folder."""
    own = Path(sys.executable).parent / "bucketlift"
    found = shutil.which("bucketlift")
    if not own.exists() or (found is not None and os.path.realpath(found) == os.path.realpath(own)):
        return "bucketlift"
    return shlex.quote(short_path(own))


def short_path(path: Path) -> str:
    """Return the path relative to the current folder if it is inside this folder, otherwise the full path."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
