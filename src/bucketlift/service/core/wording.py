"""Words errors about settings of a workflow file for users of the page, who do not see a file."""

from __future__ import annotations

import re

from bucketlift.errors import RequestWrong

_FILE_SYNTAX = re.compile(r"[{\[`]")
"""Recognises hints that explain how to write a workflow file."""


def without_file_syntax(error: RequestWrong) -> RequestWrong:
    """The error as a sentence, without the hint if it only helps in a workflow file."""
    what = error.what.replace("`", "")
    hint = "" if _FILE_SYNTAX.search(error.hint) else error.hint
    return RequestWrong(f"{what[:1].upper()}{what[1:]}", hint=hint)
