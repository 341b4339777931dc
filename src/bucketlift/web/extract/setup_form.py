"""The form for the selection of files, the action after import, and encryption."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData

from bucketlift.web.extract import format_form

Form = dict[str, Any]
DELAYS = {"": "immediately", "1d": "after 1 day", "7d": "after 7 days", "30d": "after 30 days"}
_ACTIONS = ("delete", "move", "rename", "keep")


def with_form(form: FormData, extract: Form) -> Form:
    """The task with the values of the form. Keys without an input do not change."""
    values = {
        "bucket": _text(form, "bucket") if has_buckets(extract) else "",
        "prefix": _text(form, "prefix"),
        "pattern": _text(form, "pattern"),
        "file_type": _text(form, "file_type") or "csv",
        "after_import": _after_import(form, extract),
        "pgp": _pgp(form, extract),
    }
    rest = {name: value for name, value in extract.items() if name not in values}
    return rest | {name: value for name, value in values.items() if value not in (None, "")}


def with_setup(half: Form, form: FormData) -> Form:
    """The unfinished task with the values of the form, including the format of the sample."""
    extract = with_form(form, half["extract"])
    dialect = format_form.dialect(form, extract.get("dialect", {}))
    rest = {name: value for name, value in extract.items() if name != "dialect"}
    return {**half, "extract": rest | ({"dialect": dialect} if dialect else {})}


def has_buckets(extract: Form) -> bool:
    """Whether the task reads from S3. Folders and SFTP servers have no buckets."""
    return str(extract.get("kind", "s3")) == "s3"


def action_of(extract: Form) -> Form:
    """The action after import as a mapping, even if the task has it as one word."""
    known = extract.get("after_import", "delete")
    return {"action": known} if isinstance(known, str) else known


def _after_import(form: FormData, extract: Form) -> Form | str:
    action = _text(form, "after_import")
    if action not in _ACTIONS:
        action = "delete"
    if action == "keep":
        return "keep"
    values: Form = {"action": action}
    if action == "move":
        values |= {"prefix": _text(form, "archive_prefix")}
        if has_buckets(extract):
            values |= {"bucket": _text(form, "archive")}
    if action == "rename":
        values |= {"prefix": _text(form, "rename_prefix")}
    if _text(form, "delay"):
        values["delay"] = _text(form, "delay")
    known = action_of(extract)
    if known.get("action") == action:
        values |= {name: known[name] for name in ("on_collision", "storage_class") if name in known}
    return values


def _pgp(form: FormData, extract: Form) -> Form | None:
    if not form.get("use_pgp"):
        return None
    known = extract.get("pgp", {})
    values: Form = {"keys": [str(each) for each in form.getlist("pgp_keys")]}
    signers = [str(each) for each in form.getlist("pgp_signers")]
    if signers:
        values["signers"] = signers
    required = bool(form.get("require_signature"))
    if required != bool(signers):
        values["require_signature"] = required
    if form.get("signed"):
        values["signed"] = "accept"
    return {**{name: known[name] for name in ("required", "symmetric") if name in known}, **values}


def _text(form: FormData, name: str) -> str:
    """The text of an input, without whitespace around it, which pasting often adds."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
