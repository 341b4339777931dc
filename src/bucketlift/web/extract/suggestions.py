"""Shows the types that are suggested for fields, and takes over the ones that the user accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.service.editor import extracts, samples
from bucketlift.tabular.types.suggestions import Suggestion
from bucketlift.web.extract import fields_form
from bucketlift.web.json_inputs import json_of
from bucketlift.web.render import environment
from bucketlift.web.visit import Visit

Form = dict[str, Any]
_EXAMPLE = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)
_SIGNS = {",": "comma", ".": "point", " ": "space", "'": "apostrophe"}


def of_sample(visit: Visit, half: Form) -> dict[str, tuple[Suggestion, ...]]:
    """The suggestions for each field; none if there is no sample."""
    return samples.suggestions(visit.app, half["extract"], half["sample"]) if "sample" in half else {}


def accepted(names: Sequence[str], extract: Form, chosen: str) -> tuple[str, Form]:
    """The field of an accepted suggestion, and the task with the type of this field changed.

    Raises:
        RequestWrong: the choice is not one of the page's, or the type cannot be used.
    """
    name, settings = _chosen(names, chosen)
    known = extract.get("fields", {})
    kept = {key: value for key, value in known.get(name, {}).items() if key in fields_form.ALWAYS}
    changed = {**extract, "fields": {**known, name: {**kept, **settings}}}
    form = {"kind": "s3", "after_import": "keep", "columns": [name], "fields": {name: settings}}
    extracts.compiled_alone(form)
    return name, changed


def _chosen(names: Sequence[str], text: str) -> tuple[str, Form]:
    match json_of(text):
        case [int(at), {"type": str()} as settings] if 0 <= at < len(names):
            return names[at], settings
    raise RequestWrong("The choice is not one of this page", hint="Reload the page, and choose again.")


def label(suggestion: Suggestion) -> str:
    """The text of the button: *Use decimal, 2 places, decimal comma*."""
    settings = suggestion.settings
    return ", ".join([f"Use {settings['type']}", *_details(settings)])


def _details(settings: Mapping[str, Any]) -> list[str]:
    found = []
    if settings["type"] in ("date", "timestamp"):
        written = settings.get("format")
        found.append(f"as {_EXAMPLE.strftime(written)}" if written else "as 2026-11-22")
    if "scale" in settings:
        found.append(f"{settings['scale']} decimal {'place' if settings['scale'] == 1 else 'places'}")
    if settings.get("decimal_point") == ",":
        found.append("decimal comma")
    if "thousands" in settings:
        found.append(f"thousands {_SIGNS[settings['thousands']]}")
    if "negative" in settings:
        found.append("negative as (30.00)")
    if "true" in settings:
        found.append(f"{settings['true'][0]} and {settings['false'][0]}")
    return found


def value(at: int, suggestion: Suggestion) -> str:
    """What the button sends."""
    return json.dumps([at, dict(suggestion.settings)])


environment.globals |= {"suggestion_label": label, "accept_value": value}
