"""The doctor's table at the width of the terminal."""

from __future__ import annotations

from bucketlift.cli.findings import lines
from bucketlift.model.finding import Finding, Health

FOUND = (
    Finding(check="list", health=Health.OK, what="3 under s3://drop/in/"),
    Finding(
        check="delete",
        health=Health.MISSING,
        what="DeleteObject was refused (AccessDenied)",
        hint="Grant s3:DeleteObject on drop/in/*.",
    ),
)


def test_a_finding_is_a_line_with_its_hint_below() -> None:
    assert list(lines(FOUND, width=80)) == [
        "ok       list    3 under s3://drop/in/",
        "MISSING  delete  DeleteObject was refused (AccessDenied)",
        "                 -> Grant s3:DeleteObject on drop/in/*.",
    ]


def test_on_a_narrow_terminal_what_was_found_stands_below_the_check() -> None:
    assert list(lines(FOUND, width=32)) == [
        "ok       list",
        "  3 under s3://drop/in/",
        "MISSING  delete",
        "  DeleteObject was refused",
        "  (AccessDenied)",
        "  -> Grant s3:DeleteObject on",
        "     drop/in/*.",
    ]


def test_what_a_store_says_cannot_move_the_cursor() -> None:
    (line,) = lines((Finding(check="get", health=Health.OK, what="s3://drop/a\x1b[2J"),), width=80)

    assert line == "ok  get  s3://drop/a\\x1b[2J"
