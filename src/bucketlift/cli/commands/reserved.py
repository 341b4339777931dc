"""Names of commands that a later version will have. In this version they return an error."""

from __future__ import annotations

from collections.abc import Callable

import typer

from bucketlift.errors import NotAvailable

RESERVED = ("tokens",)


def add_to(tree: typer.Typer) -> None:
    for name in RESERVED:
        settings = {"ignore_unknown_options": True, "allow_extra_args": True}
        tree.command(name, context_settings=settings, help="Not available in this version.")(_refusing(name))


def _refusing(name: str) -> Callable[[typer.Context], None]:
    def refuse(context: typer.Context) -> None:  # noqa: ARG001 - accepts any arguments
        raise NotAvailable(f"`{name}` is not available in this version", to=name)

    return refuse
