"""Whether one key can fit several shell patterns at once."""

from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bucketlift.rules.overlap import ANYTHING, names, overlaps, plain

WORDS = ["".join(letters) for length in range(5) for letters in product("ab]", repeat=length)]


def both(one, two):
    return overlaps(((names(one),),), ((names(two),),))


@pytest.mark.parametrize(
    ("one", "two", "together"),
    [
        ("*.csv", "*.tsv", False),
        ("*.csv", "done-*", True),
        ("[!d]*", "done-*", False),
        ("[!ad]", "[a-d]", True),
        ("[abc]", "[!a-c]", False),
        ("[]]", "]", True),
        ("[", "[[]", True),
        ("?", "??", False),
        ("[à-ä]", "[!àáãä]", True),
        ("", "*", True),
        ("a*", "?", True),
        ("[*]", "a*", False),
    ],
)
def test_patterns_meet_where_one_name_fits_both(one, two, together):
    assert both(one, two) is together
    assert both(two, one) is together


@given(*[st.text("ab*?[]!", max_size=5)] * 2)
def test_two_patterns_that_a_short_word_fits_are_never_said_to_be_apart(one, two):
    found = any(fnmatchcase(word, one) and fnmatchcase(word, two) for word in WORDS)

    assert both(one, two) or not found


@given(st.text("ab?[]!-", max_size=4), st.text("ab]", max_size=4))
def test_a_pattern_meets_a_word_exactly_where_the_word_fits(pattern, word):
    assert overlaps(((names(pattern),),), ((plain(word),),)) is fnmatchcase(word, pattern)


def test_a_base_name_never_holds_a_slash():
    assert not overlaps(((names("*"),),), ((plain("in/a.csv"),),))
    assert overlaps(((ANYTHING + plain("/") + names("*.csv"),),), ((plain("in/a.csv"),),))


def test_patterns_too_tangled_to_follow_are_said_to_meet():
    tangled = tuple(names("*a" * 30 + letter) for letter in "bcde")

    assert overlaps((tangled[:2],), (tangled[2:],))
