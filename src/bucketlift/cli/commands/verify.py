"""The `verify` command, which compares the ledger with destinations and buckets."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation


def add_to(tree: typer.Typer) -> None:
    tree.command("verify")(verify)


def verify(
    workflow: Annotated[str, typer.Argument(help="The workflow's key.")],
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read every archived copy and compare its bytes.")
    ] = False,
) -> int:
    """Compare receipts, rows, objects and copies with the ledger, without changes.

    The exit code is 1 if they differ.
    """
    from bucketlift.service.verify.whole import verify as look

    with installation() as app:
        found = look(app, workflow, deep=deep)
    if output.is_json():
        output.document(found)
    else:
        _show(found)
    return 0 if found["agrees"] else 1


def _show(found: dict[str, Any]) -> None:
    checked, objects = found["checked"], found["checked"]["objects"]
    files = ", ".join(f"{count:,} {state}" for state, count in found["files"].items())
    output.text(f"{found['workflow']}  Files: {files or 'none'}")
    output.text(
        f"  Checked: {checked['receipts']:,} receipts, {checked['copies']:,} copies, {objects['listed']:,} objects "
        f"({objects['known']:,} known, {objects['new']:,} new)"
    )
    output.table(
        ["difference", "task", "id", "key", "what"],
        [
            [each["kind"], each["task"], each["file"], each["key"], each["what"]]
            for each in found["differences"]
        ],
        empty="  Everything agrees.",
        whole=("difference", "id"),
    )
    for kind, hint in {each["kind"]: each["hint"] for each in found["differences"]}.items():
        output.text(f"{kind}: {output.safe(hint)}")
    if found["next"]:
        output.text(f"The first {found['next']} of {sum(found['found'].values()):,} differences are shown.")
