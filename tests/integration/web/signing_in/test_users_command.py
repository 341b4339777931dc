"""People, by the command line."""

from __future__ import annotations

import json

import pytest

from bucketlift.cli.entry import run


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Runs a command; its exit code and its document."""
    monkeypatch.setenv("BUCKETLIFT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BUCKETLIFT_PUBLIC_URL", "https://lift.example.com")

    def call(*arguments):
        code = run([*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.mark.slow
def test_people_are_kept_at_the_command_line_too(command):
    first, link = command("users", "add", "ada", "--role", "administrator")
    command("users", "add", "Ben")
    command("users", "role", "ben", "operator")
    disabled, _ = command("users", "disable", "ben")
    listed = command("users", "list")[1]["users"]

    assert (first, disabled) == (0, 0)
    assert link["link"].startswith("https://lift.example.com/sign-in/link?token=")
    assert [(each["name"], each["role"], each["disabled_at"] is None) for each in listed] == [
        ("ada", "administrator", True),
        ("Ben", "operator", False),
    ]


@pytest.mark.slow
def test_what_cannot_be_is_refused(command):
    command("users", "add", "ada", "--role", "administrator")
    command("users", "add", "ben")
    command("users", "disable", "ben")

    said = {
        words: command("users", *words.split())
        for words in ("role ada viewer", "role ada boss", "disable nobody", "link ben", "add ADA")
    }

    assert {words: (code, told["error"]["what"]) for words, (code, told) in said.items()} == {
        "role ada viewer": (2, "This is the last administrator"),
        "role ada boss": (2, "The role does not exist"),
        "disable nobody": (2, "There is no user with this name"),
        "link ben": (2, "This user is disabled"),
        "add ADA": (2, "Another user has this name"),
    }
