"""Steps that change a text: trim, case, prefix, suffix, replace, split and substring."""

from __future__ import annotations

import re

import pyarrow as pa

from bucketlift.model.rows import RejectReason
from bucketlift.model.transforms.steps import Case, Replace, Split, Substring
from bucketlift.tabular.transform.values import Array, by_distinct, rejected
from bucketlift.tabular.types.columns import Values
from bucketlift.tabular.types.computing import compute

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
"""Matches a word for ``case: title``: letters and digits, with their combining accents."""


def trimmed(texts: Array) -> Array:
    return compute.utf8_trim_whitespace(texts)


def in_case(texts: Array, case: Case) -> Array:
    """Change the case of texts. Arrow changes texts in ASCII. Python changes all other texts, because it can
    replace one letter by two, as for ß.
    """
    if case is Case.TITLE:
        return by_distinct(texts, _titled, pa.string()).values
    if compute.all(compute.string_is_ascii(texts)).as_py() is not False:
        return compute.ascii_lower(texts) if case is Case.LOWER else compute.ascii_upper(texts)
    change = str.lower if case is Case.LOWER else str.upper
    return by_distinct(texts, change, pa.string()).values


def _titled(text: str) -> str:
    return _WORD.sub(lambda word: word[0].capitalize(), text)


def joined(*parts: Array) -> Array:
    """The parts of each row, joined one after another; null if one part is null."""
    return compute.binary_join_element_wise(*parts, pa.scalar(""))


def replaced(texts: Array, step: Replace) -> Array:
    """Apply a replace step.

    Raises:
        ArrowInvalid: the regular expression or its replacement cannot be used.
    """
    if step.regex:
        pattern = rf"\A(?:{step.text})\z" if step.whole else step.text
        return compute.replace_substring_regex(texts, pattern=pattern, replacement=step.by)
    if step.whole:
        return compute.if_else(compute.equal(texts, step.text), pa.scalar(step.by), texts)
    return compute.replace_substring(texts, pattern=step.text, replacement=step.by)


def part_of(texts: Array, step: Split) -> Values:
    if step.by is None:
        length = step.length or 1
        begin = (step.part - 1) * length
        part = compute.utf8_slice_codeunits(texts, start=begin, stop=begin + length)
        return rejected(
            part, compute.less_equal(compute.utf8_length(texts), begin), RejectReason.NO_SUCH_PART
        )
    parts = compute.split_pattern(texts, pattern=step.by)
    missing = compute.less(compute.list_value_length(parts), abs(step.part))
    offsets = parts.offsets
    at = compute.add(offsets[:-1], step.part - 1) if step.part > 0 else compute.add(offsets[1:], step.part)
    at = compute.if_else(missing, pa.scalar(None, at.type), at)
    return rejected(parts.values.take(at), missing, RejectReason.NO_SUCH_PART)


def substring(texts: Array, step: Substring) -> Values:
    start = step.start - 1 if step.start > 0 else step.start
    stop = None if step.length is None else start + step.length
    if start < 0 and stop is not None and stop >= 0:
        stop = None
    part = compute.utf8_slice_codeunits(texts, start=start, stop=stop)
    past = compute.less(compute.utf8_length(texts), abs(step.start))
    return rejected(part, past, RejectReason.PAST_THE_END)
