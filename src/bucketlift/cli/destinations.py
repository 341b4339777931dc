"""destinations: databases to load into."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

group = typer.Typer(help="Databases to load into.")


def _shown(destination: Any) -> dict[str, Any]:
    settings = destination.settings
    return {
        "name": destination.name,
        "kind": settings.kind,
        "path": settings.path,
        "project": destination.project,
    }


@group.command("list")
def list_() -> None:
    """List the destinations."""
    with installation() as app:
        found = [_shown(each) for each in app.catalog.destinations().values()]
    if output.is_json():
        output.document({"destinations": found})
        return
    output.table(
        ["name", "kind", "path", "project"],
        [list(each.values()) for each in found],
        empty="No destination yet. Make one: bucketlift destinations add --help",
    )


@group.command()
def show(name: str) -> None:
    """Show a destination."""
    with installation() as app:
        found = _shown(app.catalog.destination(name))
    if output.is_json():
        output.document(found)
        return
    output.details(found.items())


@group.command()
def add(
    name: str,
    kind: Annotated[str, typer.Option(help="duckdb.")] = "duckdb",
    path: Annotated[Path | None, typer.Option(help="The database file; made where it is absent.")] = None,
) -> None:
    """Make a destination."""
    from bucketlift.errors import NotAvailable
    from bucketlift.service import accounts

    if kind != "duckdb":
        raise NotAvailable(f"Destinations of kind {kind} are not available in this version", to=name)
    if path is None:
        raise typer.BadParameter("--path is needed for a DuckDB file")
    with installation() as app:
        made = _shown(accounts.add_destination(app, name, str(path.absolute())))
    if output.is_json():
        output.document(made)
        return
    output.details(made.items())


@group.command()
def doctor(name: str) -> None:
    """Check a destination. Not available in this version."""
    from bucketlift.errors import NotAvailable

    raise NotAvailable("The doctor is not available in this version", to=name)
