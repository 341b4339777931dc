"""Commands of the public contract that this version does not have yet: they say so, and do nothing."""

from __future__ import annotations

from collections.abc import Callable

import typer

from bucketlift.errors import NotAvailable

LATER = ("tokens",)


def add_to(tree: typer.Typer) -> None:
    for name in LATER:
        settings = {"ignore_unknown_options": True, "allow_extra_args": True}
        tree.command(name, context_settings=settings, help="Not available in this version.")(_refusing(name))


def _refusing(name: str) -> Callable[[typer.Context], None]:
    def refuse(context: typer.Context) -> None:  # noqa: ARG001 - takes whatever stands behind the name
        raise NotAvailable(f"`{name}` is not available in this version", to=name)

    return refuse
