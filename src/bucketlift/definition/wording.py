"""Rewords the errors of a shape for the person who wrote the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bucketlift.definition.yaml.located import Located
from bucketlift.definition.yaml.problems import Path, Problem, dotted
from bucketlift.rules.nearest import nearest
from bucketlift.schema.contracts import DELIMITER, ESCAPE, QUOTE
from bucketlift.schema.places import ACCOUNT_ID
from bucketlift.schema.shape import UNKNOWN_KEY
from bucketlift.schema.values import BUCKET, NAME, SLUG

REQUIRED = "This key is required."
_QUOTES = "Put the value in quotes."
_KINDS = {
    "string_type": ("text", _QUOTES),
    "bool_type": ("true or false", "yes, no, on and off are plain text here."),
    "int_type": ("a whole number", ""),
    "list_type": ("a list", "Write [a, b], or one item per line after a dash."),
    "dict_type": ("a mapping", "Write `key: value` pairs under this key, or leave the key out."),
    "model_type": ("a mapping", "Write `key: value` pairs under this key, or leave the key out."),
    "model_attributes_type": ("a mapping", "Write `key: value` pairs under this key, or leave the key out."),
}
_PATTERNS = {
    SLUG: "Use at most 63 letters, digits, hyphens and underscores. Start with a letter or digit.",
    NAME: "Use at most 63 letters, digits, dots, hyphens and underscores. Start with a letter or digit.",
    BUCKET: "Write the bucket's name alone, without s3:// and without a path.",
    ACCOUNT_ID: "Write the 12 digits of the AWS account ID, in quotes.",
    DELIMITER: 'Write 1 to 16 characters that do not end a line, such as ";", "\\t", "||" or "\\u0001".',
    QUOTE: "Write one character, an opening and a closing one, or none.",
    ESCAPE: 'Write one ASCII character, such as "\\\\".',
}


def problems_of(error: ValidationError, located: Located) -> list[Problem]:
    """One problem for each error. A missing key is not reported if a misspelled key is already reported for
    it.
    """
    details = [(_path(each, located.value), each) for each in error.errors(include_url=False)]
    misspelt = set(_misspelt(details))
    return [
        _problem(path, each, located)
        for path, each in details
        if each["type"] != "missing" or path not in misspelt
    ]


def _misspelt(details: Iterable[tuple[Path, ErrorDetails]]) -> Iterable[Path]:
    for path, each in details:
        if each["type"] == UNKNOWN_KEY:
            hint = nearest(str(path[-1]), each["ctx"]["known"])
            yield from ((*path[:-1], known) for known in each["ctx"]["known"] if f"`{known}`?" in hint)


def _path(error: ErrorDetails, value: Any) -> Path:
    """The path of the error, without the names that pydantic inserts for the members of a union."""
    path: list[str | int] = []
    for step in error["loc"]:
        if step in value if isinstance(value, Mapping) else isinstance(value, list):
            value = value[step]
            path.append(step)
    return (*path, error["loc"][-1]) if error["type"] == "missing" else tuple(path)


def _problem(path: Path, error: ErrorDetails, located: Located) -> Problem:
    context = error.get("ctx", {})
    match error["type"]:
        case "invalid":
            what, hint = context["what"], context["hint"]
            return located.problem(what, path, hint, unavailable=context["unavailable"])
        case "unknown_key":
            hint = nearest(str(path[-1]), context["known"])
            return located.problem(f"unknown key `{path[-1]}`", path[:-1], hint, line_of=path)
        case "missing":
            return located.problem(f"`{path[-1]}` is missing", path[:-1], REQUIRED)
        case "union_tag_not_found" | "union_tag_invalid":
            return _wrong_kind(path, context, located)
        case kind:
            return located.problem(*_words(kind, path, context, located))


def _wrong_kind(path: Path, context: dict[str, Any], located: Located) -> Problem:
    key = context["discriminator"].strip("'")
    if "tag" not in context:
        hint = f"Write {{{key}: ...}}."
        return located.problem(f"`{key}` is missing", path, hint)
    hint = nearest(context["tag"], context["expected_tags"].strip("'").split("', '"))
    return located.problem(f"`{key}` cannot be `{context['tag']}`", (*path, key), hint)


def _words(kind: str, path: Path, context: dict[str, Any], located: Located) -> tuple[str, Path, str]:
    subject = _subject(path)
    if kind in _KINDS:
        wanted, hint = _KINDS[kind]
        return f"{subject} must be {wanted}", path, hint
    if kind == "literal_error":
        known = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"{subject} cannot be `{located.at(path)}`", path, nearest(str(located.at(path)), known)
    if kind == "string_pattern_mismatch":
        return f"{subject} is not valid", path, _PATTERNS.get(context["pattern"], "")
    if kind in {"greater_than_equal", "less_than_equal"}:
        bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return f"{subject} must be {bound}", path, ""
    if kind == "string_too_long" and context["max_length"] == 1:
        return f"{subject} must be one character", path, ""
    if kind in {"string_too_short", "too_short"}:
        return (
            f"{subject} is empty",
            path,
            "Write a value. If the key has a default, you can leave the key out.",
        )
    return f"{subject} cannot be used", path, ""


def _subject(path: Path) -> str:
    if not path:
        return "the file"
    names = [position for position, step in enumerate(path) if isinstance(step, str)]
    return f"`{dotted(path[names[-1] :])}`"
