"""What somebody wrote is text, wherever it is shown."""

from __future__ import annotations

import pytest

from hostile import PAYLOADS, PLAIN, groups, leads_away, skeleton
from integration.web.security.places import PLACES


def test_there_are_a_hundred_texts_and_a_page_that_took_them_as_they_are_would_not_pass():
    broken = [
        text for text in PAYLOADS if skeleton(f"<p title='{text}'>{text}</p>") != skeleton("<p title=''></p>")
    ]

    assert (len(set(PAYLOADS)), len(broken) > 40) == (100, True)
    assert leads_away('<a href="javascript:alert(1)">') == ["javascript:alert(1)"]
    assert leads_away('<a href="//evil.example">') == ["//evil.example"]


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_no_text_changes_the_page_that_shows_it(served, place):
    plain = skeleton(place(served, PLAIN))

    for text in groups():
        shown = place(served, text)

        assert (text, skeleton(shown)) == (text, plain)
        assert leads_away(shown) == []
