"""Checks an uploaded file against an extract task of a draft, as a run would read it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from bucketlift.errors import RequestWrong
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts
from bucketlift.service.editor.documents import compiled
from bucketlift.service.projects.check import Checked, check, extract_of, terms_of
from bucketlift.service.secrets.openers import opener_of_vault


def check_upload(app: App, workflow: str, task: str | None, *, name: str, content: bytes) -> Checked:
    """Read an uploaded file with the settings of the draft. Nothing is loaded or kept.

    Raises:
        DefinitionWrong: the draft has problems; they must be fixed first.
        RequestWrong: there is no such extract task, or no file.
    """
    if not name:
        raise RequestWrong("No file is selected", hint="Choose a file as its sender would upload it.")
    flow = compiled(app, workflow, drafts.get(app, workflow).document)
    extract = extract_of(flow, task or None)
    if extract.pgp is not None and (extract.pgp.signers or extract.pgp.symmetric):
        raise RequestWrong(
            "Signed files, and files encrypted with a passphrase, cannot be checked here",
            to=extract.id,
            hint="Put the file into the bucket and use Dry run, or run the workflow: a file that cannot be read is held.",
        )
    keys = extract.pgp.keys if extract.pgp is not None else ()
    terms = terms_of(flow, extract, tuple(opener_of_vault(app, key) for key in keys))
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(content)
        (checked,) = check([path], terms)
    return replace(checked, path=Path(name))
