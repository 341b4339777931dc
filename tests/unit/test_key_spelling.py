"""The embedded server spells keys so that moto can neither refuse nor misread them."""

from __future__ import annotations

from string import ascii_letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bucketlift.testing.spelling import read, spelled, too_long

keys = st.text(st.characters(codec="utf-8"), max_size=40)


@given(keys)
def test_a_spelling_is_read_back(key: str) -> None:
    assert read(spelled(key)) == key
    assert set(spelled(key)) <= set(ascii_letters)


@given(keys, keys)
def test_spellings_stand_in_the_order_of_the_keys_bytes(one: str, other: str) -> None:
    assert (spelled(one) < spelled(other)) == (one.encode() < other.encode())


@given(keys, keys)
def test_a_spelling_begins_as_its_prefix_does(prefix: str, key: str) -> None:
    assert spelled(prefix + key).startswith(spelled(prefix))


@given(keys)
def test_a_delimiter_is_found_where_the_key_has_it_and_nowhere_else(key: str) -> None:
    assert spelled(key).split(spelled("/")) == [spelled(part) for part in key.split("/")]


@pytest.mark.parametrize("text", ["a", "Aa", "aBc", "a b", "zZ"])
def test_what_is_no_spelling_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="not a spelled key"):
        read(text)


def test_bytes_count_for_the_length_of_a_key_not_letters() -> None:
    assert [too_long("k" * 1024), too_long("k" * 1025), too_long("ü" * 512), too_long("ü" * 513)] == [
        False,
        True,
        False,
        True,
    ]
