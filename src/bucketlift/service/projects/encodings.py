"""Shows words of a file decoded with each encoding, so that a user can choose the right encoding."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bucketlift.codecs.allowance import Allowance
from bucketlift.codecs.unpack import Packing, unpacked
from bucketlift.errors import RequestWrong
from bucketlift.model.hold import Hold
from bucketlift.model.packing import Bounds
from bucketlift.service.core.app import App
from bucketlift.service.files.originals import plain_part
from bucketlift.service.files.rejects import extract_of
from bucketlift.service.projects.local import not_cancelled, refuse_unreadable
from bucketlift.tabular.decode.candidates import Examples, examples_of
from bucketlift.tabular.decode.encoding import hold_unless_utf8

LARGEST = 50_000_000
"""Maximum bytes of a file that is downloaded to show its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encodings:
    """Words of a file in each encoding. ``hold`` has the reason why the file is not UTF-8; None if it is
    UTF-8.
    """

    path: Path
    hold: Hold | None
    examples: Examples


def encodings_of(paths: Sequence[Path]) -> list[Encodings]:
    """The words of local files, which may be compressed.

    Raises:
        RequestWrong: a file cannot be opened; then no file is read.
    """
    for path in paths:
        refuse_unreadable(path)
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        return [_packed(path, Path(folder)) for path in paths]


def _packed(path: Path, folder: Path) -> Encodings:
    bounds = Allowance.of(path.stat().st_size, Bounds(), max_bytes=None, check_cancelled=not_cancelled)
    with unpacked(path, Packing(), bounds, beside=folder) as plain:
        if isinstance(plain, Hold):
            return Encodings(path=path, hold=plain, examples=Examples(words=0, candidates=()))
        return encodings_of_plain(plain.parts[0], named=path)


def encodings_of_plain(path: Path, *, named: Path) -> Encodings:
    """The words of a file that is neither compressed nor encrypted."""
    return Encodings(path=named, hold=hold_unless_utf8(path), examples=examples_of(path))


def encodings_of_file(app: App, file: str) -> Encodings:
    """The words of a file in its bucket, unpacked as its task defines.

    Raises:
        NotFound: there is no such file, or its workflow or task was removed.
        RequestWrong: the file is too large to download for this, or cannot be unpacked.
        ObjectChanged, ObjectGone, AccessRefused: the object cannot be read.
    """
    claim = app.ledger.claims.get(file)
    task = extract_of(app.ledger.catalog.workflow(claim.workflow), claim)
    if claim.source.size > LARGEST:
        raise RequestWrong(
            f"The file is larger than {LARGEST // 1_000_000} MB and is not downloaded to show its words",
            to=str(claim.source),
            hint="Download the file, and run `bucketlift check --encodings FILE`.",
        )
    with plain_part(app, claim, task) as part:
        return encodings_of_plain(part, named=Path(claim.source.key))


def encodings_of_sample(app: App, name: str, content: bytes) -> Encodings | None:
    """The words of an uploaded sample; None if the sample is UTF-8."""
    with tempfile.TemporaryDirectory(prefix="sample-", dir=app.home) as folder:
        path = Path(folder) / "sample"
        path.write_bytes(content)
        found = encodings_of_plain(path, named=Path(name))
        return None if found.hold is None or not found.examples.candidates else found
