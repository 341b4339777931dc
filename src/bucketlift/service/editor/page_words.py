"""Describes problems of a workflow in the words of the page: the labels of its forms, not the keys and paths
of a workflow file.
"""

from __future__ import annotations

import re

from bucketlift.definition.wording import REQUIRED
from bucketlift.definition.yaml.problems import DefinitionWrong, Path
from bucketlift.errors import RequestWrong

LABELS = {
    "accept_at_least_once": "Repeated rows",
    "account": "AWS account",
    "after_import": "File processing after import",
    "aliases": "Other names",
    "archive": "Archive",
    "at": "Time",
    "batch": "Rows per request",
    "bom": "Byte order mark",
    "bucket": "S3 bucket name",
    "columns": "Fields",
    "compression": "Compression",
    "cron": "Cron expression",
    "date": "Date field",
    "date_format": "Date format",
    "decimal_point": "Decimal point",
    "dialect": "CSV and TSV dialect",
    "difference": "Difference",
    "delay": "When",
    "empty": "Empty file",
    "encoding": "Encoding",
    "end": "Last day",
    "entries": "Files to read from an archive",
    "every": "Repeat",
    "false": "Words for false",
    "fields": "Fields",
    "file_type": "File type",
    "flag_invalid": "Flag invalid values",
    "format": "Format",
    "from": "Source",
    "header": "Header",
    "header: false": "Header: no header",
    "ignore": "Files to ignore in an archive",
    "join": "Fields, in this order",
    "key": "Key",
    "keys": "The files are encrypted for",
    "lineage": "Lineage",
    "list": "Mailing list",
    "map": "Field mapping",
    "max_bytes": "Largest file, in MB",
    "max_rejected": "Limit of rejected rows",
    "merge": "Merge rules",
    "mode": "Mode",
    "name": "Name",
    "negative": "Negative number formats",
    "null": "Treat as empty",
    "null_text": "Null",
    "on": "Days",
    "on_collision": "If the name is taken",
    "only_if": "Only if equal to",
    "order": "Order",
    "pattern": "File name pattern",
    "pgp": "Use PGP",
    "precision": "Total digits",
    "prefix": "File name prefix",
    "project": "Project",
    "quoting": "Cells in quotes",
    "recipients": "Encrypt for",
    "repeats": "Same file again",
    "sample": "Upload sample file",
    "scale": "Decimal places",
    "signers": "Signed by",
    "skip": "Skipped days",
    "split": "Split",
    "start": "First day",
    "strip": "Remove around values",
    "survey": "Survey",
    "table": "Table",
    "thousands": "Thousands separator",
    "time_zone": "Time zone",
    "timezone": "Time zone",
    "title": "Name of the workflow",
    "to": "Destination",
    "transactions": "Transactions",
    "true": "Words for true",
    "types": "Type",
    "unmapped": "Other values",
    "type": "Type",
    "when": "When",
    "workflow": "Runs after",
    "zone_names": "Time zone names (%Z)",
    # Advanced format
    "blank_around_quotes": "Spaces around quotes",
    "borders": "Rows between delimiters, as printed by SAP",
    "delimiter": "Delimiter",
    "escape": "Escape",
    "escapes": "Escape sequences",
    "expect": "Text above the header",
    "footer": "Footer lines start with",
    "formula_guard": 'Cells like ="00123"',
    "header_line": "Line number of the header",
    "line_end": "Line ending",
    "null_quoted": "Quoted empty words",
    "preset": "Program that writes the files",
    "quote": "Quote",
    "quoted_lines": "Whole lines in quotes",
    "rows_below_header": "Extra rows below the header",
    "skip_lines": "Lines to skip above the header",
    "trailing_controls": "Ctrl-Z or form feeds at the end",
    "trailing_delimiter": "Extra delimiter at the end of rows",
    "trailing_nul": "NUL bytes at the end",
    "trim": "Spaces around cells",
}
"""The label on the page for each key of a workflow file that a form contains."""
_HINTS = {
    "no load uses the rows of the task": "Add a loader task after this task: click + and choose Task.",
    "the workflow extracts nothing": "Click + and choose Task, then Extract data from Amazon S3.",
    "no task depends on this condition": "Add a task under the condition.",
}
"""The page's hints, by the first words of the problem."""
_FILE_SYNTAX = re.compile(r"[{\[]|`[^`]*: ?[^`]*`|endpoint_url|\bquotes\b|on and off")
"""Recognises hints that explain how to write a workflow file."""
_INDEX = re.compile(r"\[\d+\]$")


def on_page(words: str) -> str:
    """A sentence for the page: a quoted key is replaced by the label of its input, and backticks by quotes."""
    return re.sub("`([^`]*)`", lambda found: f"“{_label(found[1])}”", words[:1].upper() + words[1:])


def hint_on_page(what: str, hint: str) -> str:
    """The hint for a problem on the page. Hints that only help in a workflow file are left out."""
    for beginning, own in _HINTS.items():
        if what.startswith(beginning):
            return own
    if hint == REQUIRED:
        return "Enter a value."
    return "" if _FILE_SYNTAX.search(hint) else on_page(hint)


def label_of(path: Path) -> str:
    """The label of the input at a path of a document: ``Salary, Decimal places``; empty if there is none."""
    named = next((LABELS[step] for step in reversed(path) if isinstance(step, str) and step in LABELS), "")
    if "fields" in path[:-1]:
        field = str(path[path.index("fields") + 1])
        return field if path[-1] == field else f"{field}, {named}"
    return named


def on_page_error(error: DefinitionWrong) -> RequestWrong:
    """The first problem of a document as an error of the page, without file names and paths."""
    first = error.problems[0]
    return RequestWrong(
        on_page(first.what), to=label_of(first.path[2:]), hint=hint_on_page(first.what, first.hint)
    )


def _label(key: str) -> str:
    return LABELS.get(_INDEX.sub("", key), key)
