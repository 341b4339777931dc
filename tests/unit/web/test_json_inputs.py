"""JSON values of buttons and hidden inputs: what the page cannot have sent is refused, and never an error of the server."""

from __future__ import annotations

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.source import ListedObject
from bucketlift.web.extract import sample_parts, sample_routes, suggestions
from bucketlift.web.json_inputs import json_of
from bucketlift.web.loading.step_form import StepForm

CRAFTED = (
    "",
    "x",
    "null",
    "1e999",
    "NaN",
    "[" * 100_000,
    '["a", "b", 1e999]',
    '["a", "b", -1]',
    '["a", "b", 99999999999999999999]',
    '["a", "b", "5"]',
    '["\\ud800", "b", 5]',
    "[0, {}]",
    '[0, {"type": 5}]',
    '[-1, {"type": "integer"}]',
    '[1, {"type": "integer"}]',
    '[0.5, {"type": "integer"}]',
    '[0, {"type": "no type"}]',
    '[0, {"type": "integer", "null": ["\\ud800"]}]',
    "1" * 5000,
)


@pytest.mark.parametrize("text", CRAFTED, ids=range(len(CRAFTED)))
def test_a_crafted_choice_is_refused(text):
    extract = {"columns": ["id"], "fields": {}}

    with pytest.raises(RequestWrong):
        suggestions.accepted(["id"], extract, text)
    with pytest.raises(RequestWrong):
        sample_routes.listed_object(text)
    with pytest.raises(RequestWrong):
        sample_parts.choice_of(text)


def test_a_choice_of_the_page_is_read():
    assert json_of('{"a": [1, "é", null]}') == {"a": [1, "é", None]}
    assert sample_routes.listed_object('["in/a.csv", "e", 5]') == ListedObject(
        key="in/a.csv", etag="e", size=5, modified=None
    )
    assert suggestions.accepted(["id"], {"fields": {}}, '[0, {"type": "integer"}]') == (
        "id",
        {"fields": {"id": {"type": "integer"}}},
    )


@pytest.mark.parametrize("typed", ["--5", "9" * 5000, "٣", "x", "1e9"])
def test_a_number_of_a_step_that_is_none_stays_text(typed):
    form = StepForm(kind="substring", values={"start": typed, "length": "-3", "more": "[" * 100_000})

    assert form.as_document() == {"substring": {"start": typed, "length": -3}}
