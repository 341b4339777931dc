"""The workflow file, key by key, from its JSON Schema; and the example that init writes."""

from __future__ import annotations

from typing import Any

from bucketlift.definition.example import EXAMPLE
from bucketlift.schema.document import json_schema
from tools.pages import markdown
from tools.pages.markdown import code, fenced, table

_INTRO = """
The file is YAML 1.2: only `true` and `false` are booleans, a key may occur once, and an unknown key is an error that names the
line and the nearest key. Paths are relative to the file. `bucketlift schema` prints the JSON Schema for an editor.

A file owns its `project`: `apply` creates and updates what the file names; `--prune` removes what it no longer names.
Workflow keys and task IDs are identities. You may change the `title` at any time. To change a key or an ID, use
[`renamed_from`](../how-to/rename.md). Names of accounts, destinations and workflows are unique in the installation.
"""

_SECTIONS = {
    "AwsRoleShape": "Account: aws-role",
    "S3CompatibleShape": "Account: s3-compatible",
    "FolderAccountShape": "Account: folder",
    "SftpAccountShape": "Account: sftp",
    "AwsShape": "Account: aws",
    "AwsKeysShape": "Account: aws-keys (deprecated)",
    "SecretShape": "A reference to a secret",
    "DuckdbShape": "Destination: duckdb",
    "SqliteShape": "Destination: sqlite",
    "PostgresqlShape": "Destination: postgresql",
    "DirectoryShape": "Destination: directory",
    "HttpShape": "Destination: http",
    "AuthShape": "auth, of a destination of kind http",
    "BasicShape": "basic, of auth",
    "HeaderShape": "header, of auth",
    "QualtricsShape": "Destination: qualtrics",
    "OAuthClientShape": "client, of a destination qualtrics",
    "S3PrefixShape": "Destination: s3",
    "SftpShape": "Destination: sftp",
    "FolderShape": "Destination: folder",
    "WorkflowShape": "Workflow",
    "TaskShape": "Task",
    "ExtractShape": "extract",
    "ContractShape": "contract, of an extract",
    "DialectShape": "dialect, of an extract",
    "NullShape": "null, of a dialect",
    "RestoreShape": "restore, of an extract",
    "ArchiveShape": "archive, of an extract",
    "PgpShape": "pgp, of an extract",
    "FieldShape": "fields, of an extract",
    "TransformShape": "transform",
    "OutputShape": "fields, of a transform",
    "StepShape": "steps, of a field of a transform",
    "ReplaceShape": "replace, of a step",
    "SplitShape": "split, of a step",
    "SubstringShape": "substring, of a step",
    "FormatNumberShape": "format_number, of a step",
    "TypeShape": "parse, of a step",
    "MapFileShape": "values, from a file",
    "DefaultShape": "unmapped, with a default",
    "LimitShape": "max_rejected, with both limits",
    "KeepShape": "after_import: keep",
    "DeleteShape": "after_import: delete",
    "MoveShape": "after_import: move",
    "RenameShape": "after_import: rename",
    "ConditionShape": "condition",
    "LoadShape": "load",
    "LoadContactsShape": "load_contacts",
    "TransactionsShape": "transactions, of load_contacts",
    "TransactionDateShape": "date, of transactions",
    "LoadEmployeesShape": "load_employees",
    "LoadResponsesShape": "load_responses",
    "LoadRecordsShape": "load_records",
    "LoadRowsShape": "load_rows",
    "LoadObjectsShape": "load_objects",
    "OutputDialectShape": "dialect, of load_objects",
    "OutputPgpShape": "pgp, of load_objects",
    "TriggerShape": "triggers",
    "ScheduleShape": "schedule, of a trigger",
    "AfterShape": "after, of a trigger",
    "EventShape": "event, of a trigger",
    "NotifyShape": "notify",
    "DefaultsShape": "defaults",
}

_SAME = {"DefaultExtract": "ExtractShape", "DefaultLoad": "LoadShape"}
"""Shapes that have the keys of another one."""

_NOTES = {
    "HttpShape": """
`url` is `https://`, or `http://` on this machine. `idempotent: true` says that the receiver ignores a request whose `Idempotency-Key` it has seen
before; without it, [rows are delivered at least once](../how-to/deliveries.md). `timeout` is in seconds. `max_parallel` limits how many files
are delivered at the same time.
""",
    "LoadRowsShape": """
`batch` is the most rows of one request. `map` gives a source field the names of one or more fields of the sent objects. `accept_at_least_once: true`
is required if objects are deleted, moved or renamed after a delivery that may repeat rows ([how to](../how-to/deliveries.md)).
""",
    "SftpShape": """
`host_key` is the server's public key, or a list of keys ([how to](../how-to/export-files.md)). `path` is relative to the folder in which the server
starts a session.
""",
    "LoadObjectsShape": """
`name` is a template with `{task}`, `{date}`, `{file}` and `{load}`; the extension is appended. `compression` is `none`, `gzip` or `zstd`. `dialect` is only
for CSV and TSV. `on_collision` decides what happens if another file has the name ([how to](../how-to/export-files.md)).
""",
    "WorkflowShape": """
`renamed_from` is the former key of a renamed workflow: its history moves to the new key, and nothing is loaded again. `none` states
that the workflow is new, although it selects the same files as one that the file no longer names ([how to](../how-to/rename.md)).
""",
    "TaskShape": """
`renamed_from` is the former ID of a renamed task, or `none` for a new task ([how to](../how-to/rename.md)).
""",
    "ExtractShape": """
`prefix` is a key prefix: every object whose key starts with it is selected, so `in/emp` also takes `in/emp-old/`; end it in
`/` to take one folder. `pattern` is a shell pattern on the name
after the last slash. `start` is `all`, `now` or a time with its time zone. `max_rejected` is a number of rows, a share
such as `"1%"`, or both. `repeats` says what to do when the same bytes arrive again under the same key: by default
`hold` if a load appends, else `load`. With `compression: auto`, Bucketlift recognises the compression by the first bytes. `zip: one` expects one file in
a zip, `zip: all` loads all its files ([compressed files](../how-to/compression.md)). `fields` gives types to fields by name; all others are text. `columns` names
the fields if there is no `sample`; one of the two is required.
""",
    "DirectoryShape": """
A directory has either `path` or `url`. Bucketlift creates the file, and the tables in the `schema`, which must exist.
[How to](../how-to/contacts.md).
""",
    "QualtricsShape": """
`datacenter` is the first part of the platform's address. The destination has a `token` or a `client`. `merges_contacts: true` states that its `directory` has
merge rules. [How to](../how-to/platform.md).
""",
    "LoadContactsShape": """
In a directory, `merge` is required: up to three rules, each a list of directory fields that must all match. `merge: []` makes every row a
new contact. For the hosted platform, `merge` is refused, and `list` is required.
`map` gives a source field the names of one or more directory fields; a field that it does not name goes to the field of its own name,
and `Field: []` leaves it out. [How to](../how-to/contacts.md).
""",
    "LoadEmployeesShape": """
`key` is the source field that identifies an employee. FirstName, LastName and Email must be filled.
For the hosted platform, `directory` or `project` names where the employees go.
[How to](../how-to/employees.md).
""",
    "LoadResponsesShape": """
`time_zone` is the zone of times without an offset. `date_format` is the format of text fields that fill StartDate, EndDate and
RecordedDate. [How to](../how-to/responses.md).
""",
    "LoadRecordsShape": """
`key` is the source field that identifies a record. `types` gives the project's fields other types than those of their source fields.
[How to](../how-to/records.md).
""",
    "PgpShape": """
`keys` lists your keys that the files may be encrypted for, `signers` the keys that may sign them. If there are
signers, the default of `require_signature` is true. `required: false` accepts plain files too.
[How to](../how-to/pgp.md).
""",
    "FieldShape": """
`format` is the format of a date or timestamp in the letters of strptime; the default is ISO 8601. `timezone` is the time zone of
a timestamp without an offset. A decimal needs its `scale`. `true` and `false` are words of a boolean, in any
case. `null` is a word, or a list of words, that also mean null; they must match exactly. See
[field types](../how-to/typed-fields.md).
""",
    "ContractShape": """
`reordered`: the columns come in another order. `respelled`: names differ by case or surrounding blanks. `extra`: a
column that the sample does not have; `ignore` and `accept` leave it out, so it is lost if the file is
deleted. See [all policies](../how-to/contracts.md). The file's notes (`files show`) list what is accepted or left out.
""",
    "DialectShape": """
`encoding` is one of [these](../how-to/encodings.md), `quote: none` reads quotes as plain characters, `header: false` reads files
without a header row. For the others see [dialects](../how-to/dialects.md) and [contracts](../how-to/contracts.md).
""",
    "ConditionShape": """
A comparison is `TASK.MEASURE OPERATOR NUMBER`, such as `files.rows > 0`. Measures: `files`, `rows` (without rejects),
`rejected` and `bytes`, which count only files that are not held; and `held`, the number of held files. Operators: `=`, `!=`, `>`, `>=`, `<`, `<=`. Without
`then` and `else` a condition applies to every later task.
""",
    "TransformShape": """
`from` is an extract task or another transform. `fields` names the fields that it makes; other fields are passed on unchanged
([how to](../how-to/transform.md)).
""",
    "OutputShape": """
Each field has one of `from`, `join`, `value` and `difference`. `values` (with `unmapped`), and then the type (`type` and
the keys below it), run after `steps`.
""",
    "StepShape": "A step has one of these keys; `unmapped` belongs to `values`, and `timezone` to `format`. `trim` is written as a word alone.",
    "MapFileShape": "The path is relative to the workflow file. Without `header: false`, the first line is a header.",
    "LoadShape": """
`append` adds rows. `upsert` updates the rows whose `key` exists and inserts the others. With `replace`, the table
contains exactly the rows of the files that are selected now. `from` is an extract task or a transform, and `key` names fields of its rows. A field that `map` does not name goes to the
column of its own name; `Field: []` leaves it out; `Field: [a, b]` fills two columns. `lineage` writes the columns
`_load_id` and `_source_line`.
""",
    "MoveShape": "`prefix` is put before the whole key; no slash is added.",
    "RenameShape": "`prefix` is put before the name after the last slash; no slash is added.",
    "DeleteShape": "The object is deleted after the `delay`: days, hours or minutes, at most ten years.",
    "NotifyShape": """
`failed`: a run failed. `held`: a run newly held files, or their actions. `succeeded`: a run succeeded. `silent`: an
expected time has come, and no new file was found since the last check. A webhook is a reference to a secret, because its URL may
grant access; `signing` is the key that signs its notifications. [How to](../how-to/notices.md).
""",
    "TriggerShape": "Triggers work while `bucketlift serve` runs: [how to](../how-to/schedules.md).",
    "EventShape": """
A call with the `token`, or with a signature by the secret of `signature`, starts a run: [how to](../how-to/events.md). `fields`
are stored with the run; each path is a singular query of JSONPath. Calls whose fields do not match `only_if` start nothing.
""",
    "ScheduleShape": """
`cron` has five fields. `on` goes with `every: week` (days of the week) and `every: month` (1 to 31, or `last`); `on`
and `at` take one value or a list. `start` and `end` are the first and the last day. A time that the clock skips fires
at the moment of the jump; a time that it shows twice fires the first time.
""",
}


def page() -> str:
    schema = json_schema()
    parts = ["## The whole file", _keys(schema)]
    for name, title in _SECTIONS.items():
        shape = schema["$defs"][name]
        parts += [f"## {title}", shape.get("description", ""), _NOTES.get(name, ""), _keys(shape)]
    parts += ["## Not in this version", _later(schema)]
    parts += ["## An example", "`bucketlift init` writes this file.", fenced("yaml", EXAMPLE)]
    return markdown.page("The workflow file", _INTRO, *parts)


def _later(schema: dict[str, Any]) -> str:
    kinds = [
        code(f"kind: {shape['properties']['kind']['const']}")
        for shape in schema["$defs"].values()
        if shape.get("description", "").startswith("Not available")
    ]
    tasks = schema["$defs"]["TaskShape"]["properties"]
    kinds += [
        code(key) for key, value in tasks.items() if value.get("description", "").startswith("Not available")
    ]
    words = ", ".join(kinds)
    return f"These are refused with “not available in this version”: {words}."


def _keys(shape: dict[str, Any]) -> str:
    required = shape.get("required", [])
    rows = [
        [code(key), _type(value), "required" if key in required else _default(value)]
        for key, value in shape.get("properties", {}).items()
        if not value.get("description", "").startswith("Not available")
    ]
    return table(["key", "value", "default"], rows)


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    if default in (None, "") or isinstance(default, dict | list):
        return ""
    return code(str(default).lower() if isinstance(default, bool) else str(default))


def _type(value: dict[str, Any]) -> str:
    if "const" in value:
        return code(str(value["const"]))
    if "enum" in value:
        return ", ".join(code(each) for each in value["enum"])
    if "$ref" in value:
        return _named(value["$ref"])
    for union in ("anyOf", "oneOf"):
        if union in value:
            return _either([each for each in value[union] if each.get("type") != "null"])
    if value.get("type") == "array":
        items = _type(value["items"])
        return f"a list; each item is {items}" if " or " in items else f"a list of {items}"
    return _plain(value)


def _either(shapes: list[dict[str, Any]]) -> str:
    one = " or ".join(dict.fromkeys(_type(each) for each in shapes if each.get("type") != "array"))
    items = {_type(each["items"]) for each in shapes if each.get("type") == "array"}
    if items == {one}:
        return "one text or a list of texts" if one == "text" else f"{one}, or a list of these"
    return " or ".join(dict.fromkeys(map(_type, shapes)))


def _named(reference: str) -> str:
    if reference.endswith("GroupShape"):
        return "a group of comparisons"
    title = _SECTIONS[_SAME.get(name := reference.rpartition("/")[2], name)]
    anchor = "".join(char for char in title.lower().replace(" ", "-") if char.isalnum() or char in "-_")
    return f"[{title}](#{anchor})"


def _plain(value: dict[str, Any]) -> str:
    kind = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false"}
    word = kind.get(value.get("type", ""), "a mapping of names")
    examples = ", ".join(code(str(each)) for each in value.get("examples", []))
    return f"{word}, such as {examples}" if examples else word
