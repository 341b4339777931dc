"""Commands that a person can type at this moment, each with the paths of this installation."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

SCRIPT = "look.py"

_LOOK = '''\
"""Shows what is in a DuckDB file: its tables, or the answer to a question in SQL."""

import sys

import duckdb

PATH = {path!r}
TABLES = "select table_name from duckdb_tables() where schema_name = 'main' order by all"

with duckdb.connect(PATH, read_only=True) as connection:
    connection.sql(" ".join(sys.argv[1:]) or TABLES).show(max_width=160)
'''


def write_look(folder: Path, database: Path) -> Path:
    """Write a script that shows the database: the duckdb command is a separate download that few have."""
    script = folder / SCRIPT
    script.write_text(_LOOK.format(path=str(database)), encoding="utf-8")
    return script


def look_command(script: Path, question: str) -> str:
    """How to ask the database something."""
    return shlex.join([near(Path(sys.executable)), near(script), question])


def bucketlift() -> str:
    """How the bucketlift command of this installation is called from here."""
    own = Path(sys.executable).parent / "bucketlift"
    found = shutil.which("bucketlift")
    if not own.exists() or (found is not None and os.path.realpath(found) == os.path.realpath(own)):
        return "bucketlift"
    return shlex.quote(near(own))


def near(path: Path) -> str:
    """A path as short as it can be typed from the folder in which the person is."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
