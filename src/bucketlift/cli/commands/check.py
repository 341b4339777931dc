"""The `check` command, which shows whether local files would be loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.commands.keys import passphrase_in
from bucketlift.cli.file_format import NO_FORMAT, Form, with_file_format

if TYPE_CHECKING:
    from bucketlift.codecs.pgp import Opener
    from bucketlift.model.rows import Reject
    from bucketlift.service.projects.check import Checked, Terms

SHOWN_BYTES = 200
"""Maximum bytes of a reject's text that are printed."""


def add_to(tree: typer.Typer) -> None:
    tree.command("check")(check)


@with_file_format
def check(
    files: Annotated[list[Path], typer.Argument(help="The files to check, as they would be uploaded.")],
    sample: Annotated[Path | None, typer.Option(help="The sample file whose header is the contract.")] = None,
    file_type: Annotated[str, typer.Option(help="The file type: csv or tsv.")] = "csv",
    max_rejected: Annotated[
        str | None,
        typer.Option(
            help="The rejects that a file may have: rows, or a percentage such as 1%. The default is none."
        ),
    ] = None,
    workflow_file: Annotated[
        Path | None, typer.Option(help="The workflow file with the contract, instead of a sample.")
    ] = None,
    workflow: Annotated[str | None, typer.Option(help="The workflow in that file.")] = None,
    task: Annotated[str | None, typer.Option(help="The extract task, if the workflow has several.")] = None,
    pgp_key: Annotated[
        list[str] | None,
        typer.Option(help="A key of this installation that decrypts files. Can be repeated."),
    ] = None,
    pgp_key_file: Annotated[
        Path | None, typer.Option(help="A file with an exported private key that decrypts files.")
    ] = None,
    passphrase_env: Annotated[
        str | None, typer.Option(help="The environment variable with that key's passphrase.")
    ] = None,
    encodings: Annotated[
        bool,
        typer.Option(
            "--encodings",
            help="Show the non-ASCII words in each encoding, to choose one; needs no sample.",
        ),
    ] = False,
    form: Form = NO_FORMAT,
) -> int:
    """Check files before they are uploaded, without network access or an installation.

    Without a sample, the header of the first file is the contract. --pgp-key needs an installation.
    The exit code is 3 if a file would be held.
    """
    from bucketlift.cli.commands.encodings import show_encodings
    from bucketlift.cli.entry import DONE, HELD
    from bucketlift.service.projects import check as service

    if encodings:
        return show_encodings(files)
    openers = _openers(pgp_key or [], pgp_key_file, passphrase_env)
    if workflow_file is None:
        form = {"file_type": file_type} | dict(form)
        terms = service.terms_of_form(form, sample=sample, first=files[0], openers=openers)
    else:
        terms = replace(_terms_of_task(workflow_file, workflow, task, sample, form), openers=openers)
    found = service.check(files, service.with_limit(terms, max_rejected))
    if output.is_json():
        output.document({"files": [_document(each) for each in found]})
    else:
        for each in found:
            _show(each)
    return HELD if any(each.reading.hold for each in found) else DONE


def _terms_of_task(
    file: Path, workflow: str | None, task: str | None, sample: Path | None, form: Form
) -> Terms:
    from bucketlift.errors import RequestWrong
    from bucketlift.service.projects.check import terms_of_task

    if sample is not None or form:
        raise RequestWrong(
            "A workflow file already defines the format of its files",
            to="--workflow-file",
            hint="Leave out --sample and the options for the format, or leave out --workflow-file.",
        )
    if workflow is None:
        raise RequestWrong("No workflow is given", to=str(file), hint="Give --workflow NAME.")
    return terms_of_task(file, workflow, task)


def _openers(names: list[str], file: Path | None, variable: str | None) -> tuple[Opener, ...]:
    if not names and file is None:
        return ()
    from bucketlift.cli.opened import installation
    from bucketlift.service.secrets.openers import opener_of_file, opener_of_vault

    found: tuple[Opener, ...] = ()
    if file is not None:
        found = (opener_of_file(file, "" if variable is None else passphrase_in(variable)),)
    if names:
        with installation() as app:
            found += tuple(opener_of_vault(app, name) for name in names)
    return found


def _document(checked: Checked) -> dict[str, Any]:
    reading, hold = checked.reading, checked.reading.hold
    return {
        "file": str(checked.path),
        "held": hold is not None,
        "rows": reading.rows,
        "rejected": reading.rejected,
        "blank_lines": reading.blank_lines,
        "notes": list(reading.notes),
        "reason": hold and hold.reason.value,
        "what": hold and hold.what,
        "hint": hold and hold.hint,
        "rejects": [
            {
                "line": each.line,
                "offset": each.offset,
                "reason": each.reason.value,
                "field": each.field,
                "text": _text(each),
            }
            for each in checked.rejects
        ],
    }


def _show(checked: Checked) -> None:
    reading, hold = checked.reading, checked.reading.hold
    counts = f"{reading.rows:,} rows, {reading.rejected:,} rejects, {reading.blank_lines:,} blank lines"
    verdict = f"would be held ({hold.reason.value})" if hold else "good"
    output.text(f"{output.safe(checked.path)}: {verdict}; {counts}")
    if hold:
        output.text(f"  {output.safe(hold.what)}")
        output.text(f"  hint: {output.safe(hold.hint)}")
    for note in reading.notes:
        output.text(f"  note: {output.safe(note)}")
    for each in checked.rejects:
        field = f" in {output.safe(each.field)}" if each.field else ""
        output.text(f"  line {each.line}, byte {each.offset}: {each.reason.value}{field}: {_text(each)}")
    if reading.rejected > len(checked.rejects) > 0:
        output.text(f"  and {reading.rejected - len(checked.rejects):,} more rejects")


def _text(reject: Reject) -> str:
    """Return the start of a reject's text on one line. Contents of cells may be shown, because the file is
    the user's own.
    """
    shown = reject.raw[:SHOWN_BYTES].decode("utf-8", "replace")
    return output.safe(shown) + ("..." if len(reject.raw) > SHOWN_BYTES else "")
