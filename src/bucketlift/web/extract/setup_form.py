"""The form that says which files, what becomes of them, and how they are encrypted."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData

Form = dict[str, Any]
DELAYS = {"": "at once", "1d": "after 1 day", "7d": "after 7 days", "30d": "after 30 days"}
_ACTIONS = ("delete", "move", "rename", "keep")


def told(form: FormData, extract: Form) -> Form:
    """The task with what the form says of it; all else stays."""
    said = {
        "bucket": _text(form, "bucket"),
        "prefix": _text(form, "prefix"),
        "pattern": _text(form, "pattern"),
        "file_type": _text(form, "file_type") or "csv",
        "after_import": _after_import(form, extract),
        "pgp": _pgp(form, extract),
    }
    rest = {name: value for name, value in extract.items() if name not in said}
    return rest | {name: value for name, value in said.items() if value not in (None, "")}


def action_of(extract: Form) -> Form:
    """What is done after import, as a mapping whatever it rests as."""
    known = extract.get("after_import", "delete")
    return {"action": known} if isinstance(known, str) else known


def _after_import(form: FormData, extract: Form) -> Form | str:
    action = _text(form, "after_import")
    if action not in _ACTIONS:
        action = "delete"
    if action == "keep":
        return "keep"
    said: Form = {"action": action}
    if action == "move":
        said |= {"bucket": _text(form, "archive"), "prefix": _text(form, "archive_prefix")}
    if action == "rename":
        said |= {"prefix": _text(form, "rename_prefix")}
    if _text(form, "delay"):
        said["delay"] = _text(form, "delay")
    known = action_of(extract)
    if known.get("action") == action:
        said |= {name: known[name] for name in ("on_collision", "storage_class") if name in known}
    return said


def _pgp(form: FormData, extract: Form) -> Form | None:
    if not form.get("use_pgp"):
        return None
    known = extract.get("pgp", {})
    said: Form = {"keys": [str(each) for each in form.getlist("pgp_keys")]}
    signers = [str(each) for each in form.getlist("pgp_signers")]
    if signers:
        said["signers"] = signers
    required = bool(form.get("require_signature"))
    if required != bool(signers):
        said["require_signature"] = required
    if form.get("signed"):
        said["signed"] = "accept"
    return {**{name: known[name] for name in ("required", "symmetric") if name in known}, **said}


def _text(form: FormData, name: str) -> str:
    """As it was typed, without the line ends and blanks around it that pasting brings."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
