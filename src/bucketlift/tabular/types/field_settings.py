"""Checks the settings for the notation of a field's values."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bucketlift.model.contract import Field
from bucketlift.model.types import TypeName
from bucketlift.tabular.types.numbers import DIFFERENT_SIGNS, MINUS, alike
from bucketlift.tabular.types.stripping import Strip
from bucketlift.tabular.types.values import boolean_words

Wrong = tuple[str, str, str]
"""A wrong setting: the key, the problem, and what to do."""
_NUMBERS = (TypeName.INTEGER, TypeName.DECIMAL)
_MOMENTS = (TypeName.DATE, TypeName.TIMESTAMP)


GOES_WITH = {
    "format": (TypeName.DATE, TypeName.TIMESTAMP),
    "timezone": (TypeName.TIMESTAMP,),
    "precision": (TypeName.DECIMAL,),
    "scale": (TypeName.DECIMAL,),
    "decimal_point": (TypeName.DECIMAL,),
    "thousands": (TypeName.INTEGER, TypeName.DECIMAL),
    "negative": (TypeName.INTEGER, TypeName.DECIMAL),
    "zone_names": (TypeName.TIMESTAMP,),
    "true": (TypeName.BOOLEAN,),
    "false": (TypeName.BOOLEAN,),
}
"""For each key of a field, the types for which it can be used. Other keys can be used for all types."""


def wrong_settings(field: Field, keys: Iterable[str]) -> Iterator[Wrong]:
    """Yield the problems of a field's settings. ``keys`` are the keys that the file sets."""
    yield from _misplaced(field, keys)
    yield from _wrong_number(field)
    yield from _wrong_zone(field)
    yield from _wrong_words(field)
    yield from _thousands(field)
    for text in field.strip:
        if why := _unstrippable(field, text):
            yield "strip", *why
    yield from _unreachable_words(field)


def _misplaced(field: Field, keys: Iterable[str]) -> Iterator[Wrong]:
    """Yield (key, what, hint) for each key that cannot be used for the field's type."""
    for key in keys:
        types = GOES_WITH.get(key, tuple(TypeName))
        if field.type not in types:
            yield (
                key,
                f"`{key}` cannot be used with `type: {field.type}`",
                f"Use `{key}` only with type {' or '.join(types)}.",
            )


def _wrong_number(field: Field) -> Iterator[Wrong]:
    if field.type is not TypeName.DECIMAL:
        return
    if field.scale is None:
        yield "", "`scale` is missing", "Set the number of digits after the decimal point: scale: 2."
    elif field.scale > field.value_type.precision:
        hint = "`precision` is the number of all digits, including the digits after the decimal point."
        yield "scale", "`scale` is larger than `precision`", hint


def _wrong_zone(field: Field) -> Iterator[Wrong]:
    if field.timezone and field.format and replace(field, timezone=None).value_type.zoned:
        what = "`timezone` cannot be used with a format that has %z or %Z"
        yield "timezone", what, "Leave `timezone` out: the values name their offset or their zone."
    if (
        field.type is TypeName.TIMESTAMP
        and field.zone_names
        and "%Z" not in (field.format or "").replace("%%", "")
    ):
        hint = 'Put %Z into `format`, as in "%Y-%m-%d %H:%M:%S %Z", or leave `zone_names` out.'
        yield "zone_names", "`zone_names` needs a format with %Z", hint


def _wrong_words(field: Field) -> Iterator[Wrong]:
    if field.type is not TypeName.BOOLEAN:
        return
    for key, words in (("true", field.true_words), ("false", field.false_words)):
        if "" in words:
            yield key, f"`{key}` contains an empty text", "An empty field is always null."
    meanings = boolean_words(field)
    for word in field.true_words or ("true",):
        if not meanings[word.casefold()]:
            yield (
                "true",
                f"`{word}` is both true and false",
                "Words that differ only in case are the same word.",
            )
    for word in field.null_words:
        if word.casefold() in meanings:
            meaning = str(meanings[word.casefold()]).lower()
            yield "null", f"`{word}` is both null and {meaning}", "Choose one."


def _thousands(field: Field) -> Iterator[Wrong]:
    if field.thousands is None:
        return
    if field.type is TypeName.DECIMAL and (field.decimal_point or ".") in alike(field.thousands):
        yield "thousands", "`thousands` and `decimal_point` are the same character", DIFFERENT_SIGNS
    elif field.thousands.isalnum() or _is_sign(field.thousands) or _is_control(field.thousands):
        named = "a control character" if _is_control(field.thousands) else f"`{field.thousands}`"
        hint = "Write the character between groups of three digits: a comma, full stop, blank or apostrophe."
        yield "thousands", f"`thousands` cannot be {named}", hint


def _unstrippable(field: Field, text: str) -> tuple[str, str] | None:
    """The problem and a hint if this text of ``strip`` is empty or could be part of a value; otherwise None."""
    if not text:
        return "`strip` contains an empty text", 'Write the text to remove: strip: ["$", " "].'
    if field.type in _NUMBERS and all(each.isdigit() or each in ".," or _is_sign(each) for each in text):
        hint = "`negative` and `thousands` say how numbers are written; `strip` removes texts such as a currency."
        return f"`strip` cannot be `{text}`, which can be a part of a number", hint
    if field.type in _MOMENTS and text.isdigit():
        hint = "Digits belong to the value: put them into `format`."
        return f"`strip` cannot be `{text}`, which can be a part of the value", hint
    return None


def _unreachable_words(field: Field) -> Iterator[Wrong]:
    """Yield the words for true and false that no value can equal after texts are stripped from it."""
    if not field.strip or "" in field.strip:
        return
    strip = Strip.of(field.strip)
    for key, words in (("true", field.true_words), ("false", field.false_words)):
        for word in words:
            if strip(word) != word:
                what = f"`{word}` starts or ends with a text that `strip` removes"
                yield key, what, f"Write the word as it is after `strip`: `{strip(word)}`."


def _is_sign(character: str) -> bool:
    return character in ("+", "(", ")", MINUS) or unicodedata.category(character) == "Pd"


def _is_control(character: str) -> bool:
    return unicodedata.category(character).startswith("C")
