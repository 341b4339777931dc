"""Names of the files that loads write: from a template, and from the source file."""

from __future__ import annotations

import hashlib
import posixpath
import re

from bucketlift.errors import RequestWrong
from bucketlift.model.delivery import DeliveredFile
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.rules.naming import MAX_KEY_BYTES, OWN_SUFFIX, base_name
from bucketlift.rules.nearest import nearest

PLACEHOLDERS = ("task", "date", "file", "load")
MAX_SEGMENT_BYTES = 255
"""The limit of most file systems for one name."""
_PACKED = frozenset({".gz", ".gpg", ".pgp", ".asc", ".bz2", ".xz", ".zst", ".zip"})
"""Extensions that follow another one, as in ``a.csv.gz``."""
_MARK_BYTES = 9
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def check_template(template: str) -> None:
    """Check the template of a name.

    Raises:
        RequestWrong: an unknown placeholder, a name that leaves the folder, or one name for all files.
    """
    named = _PLACEHOLDER.findall(template)
    for word in named:
        if word not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            hint = nearest(word, PLACEHOLDERS) or f"A name can contain {known}."
            raise RequestWrong(f"There is no placeholder `{{{word}}}`", key="name", hint=hint)
    rest = _PLACEHOLDER.sub("x", template)
    if "{" in rest or "}" in rest:
        hint = 'Write placeholders in braces, such as "{task}/{date}/{file}".'
        raise RequestWrong("A brace in the name is not part of a placeholder", key="name", hint=hint)
    if not {"file", "load"} & set(named):
        hint = "Add {file}, the base name of the source file, or {load}, which is different for each file."
        raise RequestWrong("All files would have the same name", key="name", hint=hint)
    if wrong := _wrong(rest):
        hint = 'Write folders with single slashes and without a slash at the start or end: "{task}/{date}/{file}".'
        raise RequestWrong(f"The name cannot be used: {wrong}", key="name", hint=hint)


def object_name(target: ObjectsTarget, file: DeliveredFile) -> str | Hold:
    """The name of a file below the destination's folder or prefix, with its extension."""
    values = {
        "task": file.load_task,
        "date": file.found_on.isoformat(),
        "file": _stem(file.key) + (f"~mended{file.part}" if file.part else ""),
        "load": file.load,
    }
    name = _PLACEHOLDER.sub(lambda found: values[found[1]], target.name) + target.extension
    if wrong := _wrong(name):
        return Hold(
            reason=HeldReason.UNUSABLE_NAME,
            what=f"no file can have the name that `name: {target.name}` gives for it: {wrong}",
            hint="Give the object another key, or use {load} instead of {file} in the load's `name`.",
        )
    return name


def collision_name(target: ObjectsTarget, name: str, load: str) -> str:
    """The name to use if another file has the usual one. It is the same for every attempt of a load."""
    mark = hashlib.sha256(load.encode()).hexdigest()[: _MARK_BYTES - 1]
    return f"{name.removesuffix(target.extension)}~{mark}{target.extension}"


def _stem(key: str) -> str:
    """The base name without its extension: ``a`` for ``in/a.csv.gz``."""
    stem, extension = posixpath.splitext(base_name(key))
    while extension.lower() in _PACKED:
        stem, extension = posixpath.splitext(stem)
    return stem


def _wrong(name: str) -> str | None:
    """Why no file can have this name; None if one can."""
    segments = name.split("/")
    if _CONTROL.search(name):
        return "it contains a control character"
    if any(segment in {"", ".", ".."} for segment in segments):
        return "a part between slashes is empty, `.` or `..`"
    if any(segment.endswith(OWN_SUFFIX) for segment in segments):
        return f"a part ends with {OWN_SUFFIX}, as Bucketlift's own temporary files"
    if any(len(segment.encode()) > MAX_SEGMENT_BYTES - _MARK_BYTES for segment in segments):
        return f"a part is longer than {MAX_SEGMENT_BYTES - _MARK_BYTES} bytes"
    if len(name.encode()) > MAX_KEY_BYTES - _MARK_BYTES:
        return f"it is longer than {MAX_KEY_BYTES - _MARK_BYTES:,} bytes"
    return None
