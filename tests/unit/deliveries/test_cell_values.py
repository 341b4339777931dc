"""Values of rows do not appear in messages of a destination, also without quotes."""

from __future__ import annotations

import pytest

from bucketlift.deliveries.cell_values import CellValues
from bucketlift.deliveries.words import Words

JSON = '[{"email": "ada@example.com", "name": "Ada Byron", "salary": 120000, "active": true, "site": "DE"}]'
LINES = '{"email": "ada@example.com"}\n{"name": "Ada Byron"}\n{"salary": 120000.50}'
CSV = 'email,name,salary\nada@example.com,"Ada Byron",120000\n'
LONG = '[{"note": "She moved to 12 Main Street in Springfield last year"}]'


@pytest.mark.parametrize(
    ("body", "message", "cleaned"),
    [
        (JSON, "invalid address ada@example.com for name", "invalid address … for name"),
        (JSON, "ADA BYRON is unknown", "… is unknown"),
        (JSON, "Byron is unknown", "Byron is unknown"),
        (JSON, "salary 120000 is over the limit of 1200000", "salary … is over the limit of 1200000"),
        (JSON, "the field active must be true, not DE", "the field active must be true, not DE"),
        (LINES, "Ada Byron (ada@example.com): 120000.50", "…"),
        (CSV, "row 3: name Ada Byron, salary 120000", "row 3: name …, salary …"),
        (LONG, "too long: moved to 12 Main Street in Spr", "too long: … Spr"),
        ("", "no such table", "no such table"),
    ],
)
def test_the_values_of_a_chunk_are_hidden(body, message, cleaned):
    words = Words(cells=CellValues(body.encode()))

    assert words.clean(message) == cleaned


@pytest.mark.parametrize(
    "body",
    [
        "email,note\nada@example.com," + "x" * 200_000 + "\n",
        "[" * 100_000,
        '[{"email": "ada@example.com", "number": ' + "9" * 10_000 + "}]",
    ],
    ids=["long cell", "deep document", "long number"],
)
def test_a_value_is_hidden_also_if_the_values_of_the_chunk_are_hard_to_read(body):
    words = Words(cells=CellValues(body.encode()))

    assert "ada@example.com" not in words.clean("ada@example.com is unknown")
