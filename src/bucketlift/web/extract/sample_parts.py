"""What the step *Files* shows of the sample: what was recognised, a preview, and what cannot be read."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile

from bucketlift.errors import RequestWrong
from bucketlift.service.editor import extracts, samples
from bucketlift.service.editor.sample_problems import SampleProblem, SampleUnreadable
from bucketlift.service.projects.encodings import Encodings, encodings_of_sample
from bucketlift.tabular.header.separators import NAMES
from bucketlift.web.extract import format_form
from bucketlift.web.extract.task_urls import TaskUrls
from bucketlift.web.json_inputs import json_of
from bucketlift.web.render import environment
from bucketlift.web.visit import Visit

Form = dict[str, Any]
ROWS = 5
"""Number of rows of the preview."""
COLUMNS = 50
"""Maximum number of columns of the preview."""
MAIN = ("delimiter", "quote", "header_line", "skip_lines")
"""The settings that have an input beside the preview. The other settings are below *More format settings*."""
MAIN_SETTINGS = tuple(each for key in MAIN for each in format_form.SETTINGS if each.key == key)
OTHER_GROUPS = (
    ("Program and escape", tuple(each for each in format_form.FIRST if each.key not in MAIN)),
    *(
        (group, tuple(each for each in settings if each.key not in MAIN))
        for group, settings in format_form.GROUPS
    ),
)
_POLICY_LABELS = {
    "blank": "Leave out columns without a name",
    "duplicate": "Number repeated names",
    "empty_rows": "Leave out empty rows",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLook:
    """The stored sample, read with the current settings."""

    summary: str = ""
    """What was recognised, for example *Semicolons, UTF-8, header in line 1: 12 columns*."""
    seen: samples.SampleView | None = None
    problem: SampleProblem | None = None
    """Why the sample cannot be used yet."""
    encodings: Encodings | None = None
    """Words of the sample in each encoding, if another encoding may solve the problem."""


def look(visit: Visit, half: Form) -> SampleLook | None:
    """The sample with the current settings; None if there is no sample."""
    sample, extract = half.get("sample"), half["extract"]
    if sample is None:
        return None
    untyped = {name: value for name, value in extract.items() if name != "fields"}
    try:
        seen = samples.view(visit.app, untyped, sample, rows=ROWS)
    except SampleUnreadable as error:
        encodings = _encodings(visit, sample) if error.problem.is_encoding else None
        return SampleLook(problem=error.problem, encodings=encodings)
    except RequestWrong as error:
        return SampleLook(problem=SampleProblem(what=f"{error.what} ({error.to})", hint=error.hint))
    return SampleLook(summary=_summary(seen, sample), seen=seen, problem=seen.problem)


def _encodings(visit: Visit, sample: Form) -> Encodings | None:
    return encodings_of_sample(visit.app, sample["name"], base64.b64decode(sample["head"]))


def _summary(seen: samples.SampleView, sample: Form) -> str:
    dialect = seen.dialect
    delimiter = NAMES.get(dialect.delimiter, f"delimiter {dialect.delimiter!r}")
    header = f"header in line {seen.header_line}"
    if not dialect.header:
        header = f"names in line {seen.header_line} of the sample, no header in the files"
    quote = {None: ["no quotes"], '"': []}.get(dialect.quote, [f"quotes {dialect.quote}"])
    parts = [delimiter.capitalize(), *quote, dialect.encoding.upper(), header]
    if sample.get("packing"):
        parts.insert(0, f"Unpacked from {sample['packing']}")
    count = len(seen.names)
    return f"{', '.join(parts)}: {count:,} {'column' if count == 1 else 'columns'}"


def receive(visit: Visit, where: TaskUrls, half: Form, form: FormData) -> RequestWrong | None:
    """Store the form, and the beginning of an uploaded file as the sample. Returns the reason why the file is
    no sample; None if it is one, or if no file was uploaded.
    """
    file = form.get("sample")
    if not isinstance(file, UploadFile) or not file.filename:
        extracts.keep(visit.app, where.place, half)
        return None
    content = file.file.read(samples.LARGEST + 1)
    if samples.is_same(half.get("sample"), content):
        # The browser sends the file with each form. Settings that were chosen since then stay.
        extracts.keep(visit.app, where.place, half)
        return None
    text = str(form.get("sample_size", ""))
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    return store(visit, where, half, name=file.filename, content=content, size=size)


def store(
    visit: Visit, where: TaskUrls, half: Form, *, name: str, content: bytes, size: int | None
) -> RequestWrong | None:
    """Store the beginning of a file as the sample, with the format that was recognised."""
    try:
        sample = samples.take(visit.app, half["extract"], name=name, content=content, size=size)
        extract = samples.recognised(visit.app, half["extract"], sample)
    except RequestWrong as error:
        extracts.keep(visit.app, where.place, half)
        return error
    half |= {"sample": sample, "extract": extract}
    extracts.keep(visit.app, where.place, half)
    return None


def use(visit: Visit, where: TaskUrls, half: Form, choice: str) -> None:
    """Change the task by one of the choices of a problem.

    Raises:
        RequestWrong: the choice is not one of the page's.
    """
    parts = choice_of(choice)
    extract: Form = {**half["extract"]}
    for part in ("dialect", "contract"):
        extract[part] = {**extract.get(part, {}), **parts.get(part, {})}
        if not extract[part]:
            del extract[part]
    extracts.compiled_alone({"kind": "s3", "after_import": "keep", **_format_of(extract)})
    if "encoding" in parts.get("dialect", {}) and "sample" in half:
        extract = samples.recognised(visit.app, extract, half["sample"])
    half["extract"] = extract
    extracts.keep(visit.app, where.place, half)


def _format_of(extract: Form) -> Form:
    return {name: extract[name] for name in ("file_type", "dialect", "contract") if name in extract}


def choice_of(text: str) -> Form:
    parts = json_of(text)
    if not isinstance(parts, dict) or not all(
        key in ("dialect", "contract") and isinstance(value, dict) for key, value in parts.items()
    ):
        raise RequestWrong("The choice is not one of this page", hint="Reload the page, and choose again.")
    return parts


def label_of_choice(choice: Form) -> str:
    """The text of the button of a choice."""
    for key in choice.get("contract", {}):
        return _POLICY_LABELS[key]
    dialect = choice["dialect"]
    if "encoding" in dialect:
        return f"Use {dialect['encoding']}"
    if set(dialect) == {"header_line"}:
        return f"Use line {dialect['header_line']} as the header"
    if dialect == {"header": True}:
        return "Keep the format: the first line is the header"
    return "Set " + ", ".join(f"{format_form.LABELS[key]} to {_value(key, dialect)}" for key in dialect)


def _value(key: str, dialect: Form) -> str:
    setting = next(each for each in format_form.SETTINGS if each.key == key)
    value = format_form.shown(setting, dialect)
    return dict(setting.choices).get(value, value)


environment.globals |= {"choice_label": label_of_choice, "choice_value": json.dumps}
