"""Types are suggested from a sample's values. Only types that read every value are suggested."""

from __future__ import annotations

import pytest

from bucketlift.tabular.types.suggestions import suggestions_for


@pytest.mark.parametrize(
    ("values", "settings"),
    [
        (["1", "25", "", "-3"], [{"type": "integer"}]),
        (["1.5", "2.25"], [{"type": "decimal", "scale": 2}]),
        (["1.234,50", "7,00"], [{"type": "decimal", "scale": 2, "decimal_point": ",", "thousands": "."}]),
        (["2026-01-31", "2026-02-28"], [{"type": "date"}]),
        (
            ["01/02/2026", "03/04/2026"],
            [{"type": "date", "format": "%d/%m/%Y"}, {"type": "date", "format": "%m/%d/%Y"}],
        ),
        (
            ["01/01/2026", "01/01/2026", "02/02/2026"],  # both formats read the same dates
            [{"type": "date", "format": "%d/%m/%Y"}, {"type": "date", "format": "%m/%d/%Y"}],
        ),
        (
            ["01/01/2026 08:00", "02/02/2026 09:30"],
            [
                {"type": "timestamp", "format": "%d/%m/%Y %H:%M"},
                {"type": "timestamp", "format": "%m/%d/%Y %H:%M"},
            ],
        ),
        (["31/01/2026", "03/04/2026"], [{"type": "date", "format": "%d/%m/%Y"}]),
        (
            ["2026-01-31 08:00:00", "2026-02-01 09:30:00"],
            [{"type": "timestamp"}],
        ),
        (["TRUE", "false"], [{"type": "boolean"}]),
        (["yes", "No"], [{"type": "boolean", "true": ["yes"], "false": ["no"]}]),
        (["0012", "0345"], []),  # the zeros belong to an identifier
        (["4111111111111111", "4111111111111112"], []),
        (["Ann", "Bo"], []),
        (["1", "n/a"], []),
        (["", " "], []),
        (["7"], []),
    ],
)
def test_the_types_that_read_all_values_are_suggested(values, settings):
    assert [dict(each.settings) for each in suggestions_for(values)] == settings
