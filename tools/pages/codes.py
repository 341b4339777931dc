"""The exit codes of commands."""

from __future__ import annotations

from bucketlift.cli import entry
from tools.pages import markdown
from tools.pages.markdown import code, table

_AFTER = """
If both 1 and 3 apply, the code is 1. A file that an earlier run held does not count for 3; a newly held action counts.
A dry run ends with 0, also if files would be held. `bucketlift demo` ends with 0 if its results are as expected.
With `--json`, a run prints its document whatever its state (with `error` if it failed);
every other failure prints `{"error": {"what": ..., "to": ..., "hint": ...}}`.
"""


def page() -> str:
    rows = [
        [code(str(entry.DONE)), "done"],
        [code(str(entry.FAILED)), "something failed"],
        [code(str(entry.WRONG)), "the request was wrong; nothing was changed"],
        [code(str(entry.HELD)), "done, but this run newly held a file or an action, or the outbox is paused"],
        [
            code(str(entry.INTERRUPTED)),
            "interrupted; committed files stay committed, and the next run continues",
        ],
    ]
    return markdown.page("Exit codes", table(["code", "means"], rows), _AFTER)
