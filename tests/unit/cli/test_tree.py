"""The command line is made for the command that is called."""

import pytest
import typer

from bucketlift.cli.tree import GROUPS, tree


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run", "load", "check", "serve", "verify", *GROUPS])
def test_a_command_made_alone_is_the_one_of_the_whole_tree(name):
    alone, whole = (typer.main.get_command(made).commands[name] for made in (tree(name), tree()))  # type: ignore[attr-defined]

    def told(command):
        inner = {each: told(one) for each, one in getattr(command, "commands", {}).items()}
        return command.help, [each.opts for each in command.params], inner

    assert told(alone) == told(whole)


@pytest.mark.parametrize("word", ["", "apply", "rnu", "--help"])
def test_any_other_word_makes_every_command(word):
    assert set(typer.main.get_command(tree(word)).commands) >= {"apply", "init", "run", "tokens", *GROUPS}  # type: ignore[attr-defined]
