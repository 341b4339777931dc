"""Downloads the original file of a claim again, to show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.spool import fetch
from bucketlift.errors import RequestWrong
from bucketlift.model.claim import Claim
from bucketlift.model.hold import Hold
from bucketlift.model.workflow import ExtractTask
from bucketlift.service.core.app import App, no_progress


@contextmanager
def plain_part(app: App, claim: Claim, task: ExtractTask) -> Iterator[Path]:
    """Open the exact version of the file, decrypted and unpacked. Of an archive, only the first entry is
    opened.

    Raises:
        ObjectChanged, ObjectGone: this version is no longer in the bucket.
        RequestWrong: the file cannot be opened.
    """
    with TemporaryDirectory(prefix="bucketlift-") as folder:
        raw = Path(folder) / "object"
        store = app.connections.store(claim.workflow, task)

        def fetched() -> str:
            with store.open(claim.source) as body:
                return fetch(body, raw, size=claim.source.size, check_cancelled=_not_cancelled)

        retry_transient(fetched)
        codecs = app.services(Path(folder) / "spool", no_progress).codecs
        with codecs.unpacked(raw, task, accepted=claim.accepted, check_cancelled=_not_cancelled) as plain:
            if isinstance(plain, Hold):
                raise RequestWrong(plain.what, to=str(claim.source), hint=plain.hint)
            yield plain.parts[0]


def _not_cancelled() -> None:
    """Do nothing: a download for the page cannot be cancelled."""
