"""Every command with its arguments and options, from the command line itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from bucketlift.cli.tree import tree
from tools.pages import markdown
from tools.pages.markdown import code, fenced, table

_INTRO = """
`bucketlift COMMAND --help` prints the same text. `--json` and `--log-format` can be anywhere in the
command line. With `--json` a command prints one JSON document to stdout; progress and notes always go to stderr. See also
[exit codes](exit-codes.md) and [JSON answers](answers.md).
"""


def page() -> str:
    root: Any = typer.main.get_command(tree())
    sections = [_section(name, command) for name, command in walk(root)]
    return markdown.page("Commands", _INTRO, "## Options of every command", _options(root), *sections)


def walk(group: Any, path: str = "bucketlift") -> Iterator[tuple[str, Any]]:
    """Every command that is not a group, with its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from walk(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _section(name: str, command: Any) -> str:
    parameters = [each for each in command.params if each.name != "help"]
    arguments = [each for each in parameters if each.param_type_name == "argument"]
    usage = " ".join([name, *(_usage(each) for each in arguments), *(["[OPTIONS]"] * _has_options(command))])
    parts = [f"## {name}", command.help or "", fenced("", usage), _options(command)]
    return "\n\n".join(part for part in parts if part)


def _usage(argument: Any) -> str:
    many = "..." if argument.nargs == -1 else ""
    name = argument.metavar or str(argument.name).upper().removesuffix("S" if many else "")
    return f"{name}{many}" if argument.required else f"[{name}]{many}"


def _has_options(command: Any) -> bool:
    return any(each.param_type_name == "option" and each.name != "help" for each in command.params)


def _options(command: Any) -> str:
    options = [each for each in command.params if each.param_type_name == "option" and each.name != "help"]
    if not options:
        return ""
    rows = [[", ".join(map(code, each.opts)), each.help or "", _default(each)] for each in options]
    return table(["option", "what it does", "default"], rows)


def _default(option: Any) -> str:
    if option.required:
        return "required"
    return "" if option.default in (None, False, "", ()) else code(str(option.default))
