"""What a short run does not wait for."""

import json
import subprocess
import sys

import pytest

from e2e.world import extract, load, table_of

NEEDLESS = {
    "alembic",
    "bucketlift.cli.commands.files",
    "dbos",
    "fastapi",
    "httpx",
    "pyarrow.compute",
    "rich",
    "sqlalchemy.dialects.postgresql",
    "structlog",
}
"""Each takes a noticeable part of the time of three small files."""


@pytest.mark.slow
def test_a_run_of_text_imports_only_what_it_needs(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", table_of(("1", "Ann")))
    program = (
        "import sys; from bucketlift.cli.entry import run; code = run(['run', 'w', '--json']);"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=world.whole_environment,
        cwd=world.root,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(ran.stdout)["state"] == "succeeded"
    assert NEEDLESS & set(ran.stderr.split()) == set()
