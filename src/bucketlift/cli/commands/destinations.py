"""The `destinations` commands: databases to load into."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bucketlift.cli import findings, output, prompts
from bucketlift.cli.opened import installation

group = typer.Typer(help="Manage destinations: databases to load into.")


def _place(shown: dict[str, Any]) -> str:
    """Describe where a destination is, without secrets."""
    if "path" in shown:
        return str(shown["path"])
    [(kind, name)] = shown["url"].items()
    return f"schema {shown['schema']}, URL in {kind} {name}"


@group.command("list")
def list_() -> None:
    """List destinations."""
    from bucketlift.service.destinations import destinations

    with installation() as app:
        found = [destinations.shown(each) for each in app.ledger.catalog.destinations().values()]
    if output.is_json():
        output.document({"destinations": found})
        return
    output.table(
        ["name", "kind", "place", "project"],
        [[each["name"], each["kind"], _place(each), each["project"]] for each in found],
        empty="No destination yet. To create one: bucketlift destinations add --help",
    )


@group.command()
def show(name: str) -> None:
    """Show a destination. For a secret, only its name is shown."""
    from bucketlift.service.destinations import destinations

    with installation() as app:
        found = destinations.shown(app.ledger.catalog.destination(name))
    _print(found)


@group.command()
def add(
    name: str,
    kind: Annotated[
        str, typer.Option(help="The kind of destination: duckdb, sqlite, postgresql or directory.")
    ] = "duckdb",
    path: Annotated[str | None, typer.Option(help="The database file; created if it is missing.")] = None,
    url_env: Annotated[
        str | None, typer.Option(help="For postgresql or directory: the environment variable with the URL.")
    ] = None,
    url_file: Annotated[
        str | None, typer.Option(help="For postgresql or directory: the file with the URL.")
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option(help="For postgresql or directory: the schema of the tables. The default is public."),
    ] = None,
    receipts: Annotated[
        str | None, typer.Option(help="For postgresql: SCHEMA.TABLE of the receipts.")
    ] = None,
    max_parallel: Annotated[
        int | None, typer.Option(help="For postgresql: the number of load units that may be open at once.")
    ] = None,
    worker: Annotated[
        str | None, typer.Option(help="In a fleet: the worker that can access the file.")
    ] = None,
) -> None:
    """Create a destination; a URL not given by an option is prompted for and encrypted in the vault."""
    from bucketlift.definition.fragments import destination_from
    from bucketlift.service.destinations import destinations

    given: dict[str, Any] = {
        "kind": kind,
        "path": path,
        "schema": schema,
        "receipts": receipts,
        "max_parallel": max_parallel,
        "worker": worker,
        "url": prompts.reference(url_env, url_file),
    }
    url = None
    if kind == "postgresql" and given["url"] is None:
        url = prompts.read_secret("URL (postgresql://USER:PASSWORD@HOST:PORT/DATABASE)")
        given["url"] = {"secret": name}
    destination = destination_from(name, {word: value for word, value in given.items() if value is not None})
    with installation() as app:
        made = destinations.shown(destinations.add(app, destination, url=url))
    _print(made)


@group.command()
def doctor(name: str) -> int:
    """Check whether a destination can be loaded into, and list what is missing; nothing is written."""
    from bucketlift.service.destinations import destinations

    with installation() as app:
        found = destinations.examine(app, name)
    if output.is_json():
        output.document(destinations.report(name, found))
    else:
        findings.show(found)
    return int(not destinations.passed(found))


def _print(shown: dict[str, Any]) -> None:
    if output.is_json():
        output.document(shown)
        return
    output.details(shown.items())
