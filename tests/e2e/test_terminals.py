"""The installed command under terminals that take less than is written: the run is done, and its code is the run's."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest

from e2e.world import COMMAND, World, extract, load, sorted_rows, table_of

pytestmark = pytest.mark.slow

ANN = table_of(("1", "Ann"))
KEY = "in/従業員.csv"
ASCII_ONLY = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def ready(world: World) -> World:
    world.apply(extract("keep"), load())
    world.put(KEY, ANN)
    return world


def shell(world: World, line: str, **environment: str) -> tuple[int, bytes, bytes]:
    """A line of bash in which $B is the command; its exit code is that of the first command of a pipe."""
    ended = subprocess.run(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"],
        env={**world.whole_environment, "B": shlex.quote(str(COMMAND)), **environment},
        cwd=world.root,
        capture_output=True,
        check=False,
        timeout=120,
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.parametrize(
    ("line", "out", "err"),
    [
        ("$B run w <&- >&- 2>&-", b"", b""),
        ("$B run w --json >/dev/full", b"", b"could not be written (No space left on device)"),
        ("$B --log-format json run w 2>&1 | true", b"", b""),
    ],
    ids=["closed", "full", "without a reader"],
)
def test_a_run_is_done_whoever_reads_its_answer(ready, line, out, err):
    code, said, told = shell(ready, line)

    assert (code, said) == (0, out)
    assert err in told
    assert ready.rows() == sorted_rows(ANN)


def test_keys_that_the_locale_has_no_characters_for_are_escaped(ready):
    text = shell(ready, "$B run w", **ASCII_ONLY)
    answer = shell(ready, "$B files list --json", PYTHONIOENCODING="latin-1:strict")

    assert (text[0], b"in/\\u5f93\\u696d\\u54e1.csv" in text[1], text[2]) == (0, True, b"")
    assert answer[0] == 0
    assert [each["key"] for each in json.loads(answer[1])["files"]] == [KEY]


def test_an_answer_that_is_all_a_command_does_fails_with_a_full_disk(ready):
    code, _, told = shell(ready, "$B files list >/dev/full")

    assert (code, told.splitlines()) == (
        1,
        [b"Standard output could not be written (No space left on device). The command's changes are kept."],
    )
