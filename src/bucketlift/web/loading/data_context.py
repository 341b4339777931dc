"""The additional values for the forms of loads of responses and records: what the directory has already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bucketlift.model.directory.data_targets import RECORDS, RESPONSE_DATES, RESPONSES, RecordType
from bucketlift.service.workflows.triggers import all_zones
from bucketlift.web.loading.records_form import RecordsForm
from bucketlift.web.loading.responses_form import ResponsesForm

Tables = Mapping[str, Sequence[str]]


def responses_context(tables: Tables) -> dict[str, Any]:
    return {"surveys": _names(tables, RESPONSES), "zones": all_zones()}


def records_context(tables: Tables) -> dict[str, Any]:
    return {"projects": _names(tables, RECORDS), "record_types": tuple(RecordType)}


def response_fields(form: ResponsesForm, tables: Tables) -> Sequence[str]:
    """The fields of a response that are known: the dates, and what loads have set for the survey."""
    return tuple(dict.fromkeys((*RESPONSE_DATES, *tables.get(RESPONSES + form.survey, ()))))


def record_fields(form: RecordsForm, tables: Tables) -> Sequence[str] | None:
    return tables.get(RECORDS + form.project)


def _names(tables: Tables, beginning: str) -> list[str]:
    return [name.removeprefix(beginning) for name in tables if name.startswith(beginning)]
