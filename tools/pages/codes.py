"""What a command ends with."""

from __future__ import annotations

from bucketlift.cli import entry
from tools.pages import markdown
from tools.pages.markdown import code, table

_AFTER = """
1 goes before 3. A file that was held by an earlier run is listed and does not count for 3; an action newly held counts.
A dry run ends with 0 whatever it finds in files. `bucketlift demo` ends with 0 when what it expects came about.
With `--json`, a run that took place prints its document whatever its state (with `error` added where it failed);
everything else that fails prints `{"error": {"what": ..., "to": ..., "hint": ...}}`.
"""


def page() -> str:
    rows = [
        [code(str(entry.DONE)), "done"],
        [code(str(entry.FAILED)), "something failed"],
        [code(str(entry.WRONG)), "the request was wrong, and nothing was touched"],
        [code(str(entry.HELD)), "done, but this run newly held a file or an action, or the outbox is paused"],
        [
            code(str(entry.INTERRUPTED)),
            "interrupted; what was committed stays, and the next run goes on from there",
        ],
    ]
    return markdown.page("Exit codes", table(["code", "means"], rows), _AFTER)
