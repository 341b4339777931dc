"""destinations: databases to load into."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bucketlift.cli import asking, findings, output
from bucketlift.cli.opened import installation

group = typer.Typer(help="Databases to load into.")


def _place(shown: dict[str, Any]) -> str:
    """Where it is, as far as that can be said."""
    if "path" in shown:
        return str(shown["path"])
    [(kind, name)] = shown["url"].items()
    return f"schema {shown['schema']}, URL in {kind} {name}"


@group.command("list")
def list_() -> None:
    """List the destinations."""
    from bucketlift.service.destinations import destinations

    with installation() as app:
        found = [destinations.shown(each) for each in app.catalog.destinations().values()]
    if output.is_json():
        output.document({"destinations": found})
        return
    output.table(
        ["name", "kind", "place", "project"],
        [[each["name"], each["kind"], _place(each), each["project"]] for each in found],
        empty="No destination yet. Make one: bucketlift destinations add --help",
    )


@group.command()
def show(name: str) -> None:
    """Show a destination; secrets by their names only."""
    from bucketlift.service.destinations import destinations

    with installation() as app:
        found = destinations.shown(app.catalog.destination(name))
    _tell(found)


@group.command()
def add(
    name: str,
    kind: Annotated[str, typer.Option(help="duckdb, sqlite or postgresql.")] = "duckdb",
    path: Annotated[str | None, typer.Option(help="The database file; made where it is absent.")] = None,
    url_env: Annotated[str | None, typer.Option(help="postgresql: variable that holds the URL.")] = None,
    url_file: Annotated[str | None, typer.Option(help="postgresql: file that holds the URL.")] = None,
    schema: Annotated[str | None, typer.Option(help="postgresql: where the tables are; else public.")] = None,
    receipts: Annotated[str | None, typer.Option(help="postgresql: SCHEMA.TABLE of the receipts.")] = None,
    max_parallel: Annotated[
        int | None, typer.Option(help="postgresql: load units that may be open at once.")
    ] = None,
    worker: Annotated[
        str | None, typer.Option(help="In a fleet: the worker that can reach the file.")
    ] = None,
) -> None:
    """Make a destination. A URL that no option names is asked for, and sealed in the vault."""
    from bucketlift.definition.by_hand import destination_from
    from bucketlift.service.destinations import destinations

    said: dict[str, Any] = {
        "kind": kind,
        "path": path,
        "schema": schema,
        "receipts": receipts,
        "max_parallel": max_parallel,
        "worker": worker,
        "url": asking.reference(url_env, url_file),
    }
    url = None
    if kind == "postgresql" and said["url"] is None:
        url = asking.ask("URL (postgresql://USER:PASSWORD@HOST:PORT/DATABASE)")
        said["url"] = {"secret": name}
    destination = destination_from(name, {word: value for word, value in said.items() if value is not None})
    with installation() as app:
        made = destinations.shown(destinations.add(app, destination, url=url))
    _tell(made)


@group.command()
def doctor(name: str) -> int:
    """Look whether a destination can be loaded into, and name what is missing; nothing is written."""
    from bucketlift.service.destinations import destinations

    with installation() as app:
        found = destinations.examine(app, name)
    if output.is_json():
        output.document(destinations.report(name, found))
    else:
        findings.show(found)
    return int(not destinations.sound(found))


def _tell(shown: dict[str, Any]) -> None:
    if output.is_json():
        output.document(shown)
        return
    output.details(shown.items())
