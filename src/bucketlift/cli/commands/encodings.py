"""The option `check --encodings`, which shows the words of files in each encoding."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bucketlift.cli import output

if TYPE_CHECKING:
    from bucketlift.service.projects.encodings import Encodings


def show_encodings(files: list[Path]) -> int:
    from bucketlift.cli.entry import DONE
    from bucketlift.service.projects.encodings import encodings_of

    found = encodings_of(files)
    if output.is_json():
        output.document({"files": [_document(each) for each in found]})
    else:
        for each in found:
            _show(each)
    return DONE


def _document(found: Encodings) -> dict[str, Any]:
    return {
        "file": str(found.path),
        "reason": found.hold and found.hold.reason.value,
        "what": found.hold and found.hold.what,
        "words": found.examples.words,
        "encodings": [
            {"encoding": each.encodings[0], "same": list(each.encodings[1:]), "words": list(each.words)}
            for each in found.examples.candidates
        ],
    }


def _show(found: Encodings) -> None:
    what = "the whole file is UTF-8" if found.hold is None else found.hold.what
    output.text(f"{output.safe(found.path)}: {output.safe(what)}")
    candidates = found.examples.candidates
    if not found.examples.words:
        if found.hold is None:
            output.text("  It has only ASCII characters, which are the same in nearly all encodings.")
        return
    width = max((len(each.words) for each in candidates), default=0)
    rows = [[each.encodings[0], *each.words, ", ".join(each.encodings[1:])] for each in candidates]
    output.table(
        ["encoding", *(f"word {number}" for number in range(1, width + 1)), "same words in"],
        rows,
        empty="  No known encoding reads all of its words: the file is damaged or is not text.",
        whole=("encoding",),
    )
    if candidates:
        output.text(
            "Set the encoding whose words are right: `dialect: {encoding: ...}`. If none is right, the file is damaged."
        )
