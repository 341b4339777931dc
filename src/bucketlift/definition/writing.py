"""What is wrong with the settings that say how a field's values are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from bucketlift.model.contract import Field
from bucketlift.model.types import TypeName
from bucketlift.tabular.types.numbers import DIFFERENT_SIGNS, MINUS, alike
from bucketlift.tabular.types.stripping import Strip

Wrong = tuple[str, str, str]
"""The key, what is wrong with it, and what to do."""
_NUMBERS = (TypeName.INTEGER, TypeName.DECIMAL)
_MOMENTS = (TypeName.DATE, TypeName.TIMESTAMP)


def wrong_writing(field: Field) -> Iterator[Wrong]:
    yield from _thousands(field)
    for text in field.strip:
        if why := _unstrippable(field, text):
            yield "strip", *why
    yield from _unreachable_words(field)


def _thousands(field: Field) -> Iterator[Wrong]:
    if field.thousands is None:
        return
    if field.type is TypeName.DECIMAL and (field.decimal_point or ".") in alike(field.thousands):
        yield "thousands", "`thousands` and `decimal_point` are the same sign", DIFFERENT_SIGNS
    elif field.thousands.isalnum() or _is_sign(field.thousands) or _is_control(field.thousands):
        named = "a control character" if _is_control(field.thousands) else f"`{field.thousands}`"
        hint = "Write the sign between groups of three digits: a comma, full stop, blank or apostrophe."
        yield "thousands", f"`thousands` cannot be {named}", hint


def _unstrippable(field: Field, text: str) -> tuple[str, str] | None:
    """What would change a value instead of removing what stands around it."""
    if not text:
        return "`strip` names the empty text", 'Write the text to remove: strip: ["$", " "].'
    if field.type in _NUMBERS and all(each.isdigit() or each in ".," or _is_sign(each) for each in text):
        hint = "`negative` and `thousands` say how numbers are written; `strip` removes texts such as a currency."
        return f"`strip` cannot be `{text}`, which can be a part of a number", hint
    if field.type in _MOMENTS and text.isdigit():
        hint = "Digits belong to the value: put them into `format`."
        return f"`strip` cannot be `{text}`, which can be a part of the value", hint
    return None


def _unreachable_words(field: Field) -> Iterator[Wrong]:
    """Words for true and false that nothing is equal to once it is stripped."""
    if not field.strip or "" in field.strip:
        return
    strip = Strip.of(field.strip)
    for key, words in (("true", field.true_words), ("false", field.false_words)):
        for word in words:
            if strip(word) != word:
                what = f"`{word}` begins or ends with a text of `strip`"
                yield key, what, f"Write what is left of it: `{strip(word)}`."


def _is_sign(character: str) -> bool:
    return character in ("+", "(", ")", MINUS) or unicodedata.category(character) == "Pd"


def _is_control(character: str) -> bool:
    return unicodedata.category(character).startswith("C")
