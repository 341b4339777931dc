"""Converts a batch of one field's texts to values of the field's type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from bucketlift.model.contract import Field
from bucketlift.model.rows import RejectReason
from bucketlift.model.types import TypeName
from bucketlift.tabular.bytes.byte_index import ByteArray
from bucketlift.tabular.types.arrow_types import arrow_type
from bucketlift.tabular.types.computing import compute
from bucketlift.tabular.types.layouts import Layout
from bucketlift.tabular.types.moments import Dates, Moments
from bucketlift.tabular.types.numbers import Written
from bucketlift.tabular.types.reason_codes import codes_of
from bucketlift.tabular.types.shortcuts import Shortcut, Texts, decimals, integers
from bucketlift.tabular.types.stripping import Strip, is_blank
from bucketlift.tabular.types.values import Exact, Value, boolean, boolean_words, decimal, integer
from bucketlift.tabular.types.zones import Zones, zones_of

Quick = Callable[[Texts], "pa.Array[Any]"]
"""A function that converts texts with the same result as the exact reader, if that is sure. It returns null
for all other texts.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The values of a field. A value is null if its text is null, or if its text does not fit the type. Only
    in the second case, ``reasons`` has a reason.
    """

    values: pa.Array[Any]
    reasons: pa.Array[Any] | None = None
    """The reason for each text that does not fit, null for the others; None if all texts fit."""

    def faults(self) -> Iterator[tuple[int, RejectReason]]:
        """Yield the numbers of the rows that do not fit, counted from 0, with the reasons."""
        if self.reasons is not None:
            rows = compute.indices_nonzero(self.reasons.is_valid()).to_pylist()
            yield from zip(rows, map(RejectReason, compute.drop_null(self.reasons).to_pylist()), strict=True)

    def codes(self) -> ByteArray | None:
        """For each row, the code of its reason, or NO_REASON; None if all rows fit."""
        return None if self.reasons is None else codes_of(self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReader:
    type: Any
    """The Arrow type of the values. It is Any, because Arrow's type stubs cannot express a type that is known
    only at run time.
    """
    exact: Exact | None = None
    """Converts one text exactly; None for text fields, whose texts are not converted."""
    shortcut: Quick | None = None
    nulls: frozenset[str] = frozenset()
    strip: Strip | None = None

    @staticmethod
    def of(field: Field) -> ColumnReader:
        """The reader for a field.

        Raises:
            RequestWrong: the field's format or time zone cannot be used.
        """
        exact, shortcut = _readers(field)
        nulls = frozenset(field.null_words) | ({""} if exact else set())
        strip = Strip.of(field.strip) if field.strip else None
        kind = arrow_type(field.value_type)
        return ColumnReader(type=kind, exact=exact, shortcut=shortcut, nulls=nulls, strip=strip)

    def read(self, texts: Texts) -> Values:
        sure = self._without_words(texts)
        if self.strip is not None:
            sure = self._without_words(self.strip.many(sure))
        if self.exact is None:
            return Values(values=sure)
        values = self.shortcut(sure) if self.shortcut else pa.nulls(len(texts), self.type)
        if not values.null_count:
            return Values(values=values)
        return self._complete(values, texts)

    def cell(self, text: str) -> Value | RejectReason | None:
        """Convert one text of a typed field exactly."""
        if text in self.nulls or self.exact is None:
            return None
        left = text if self.strip is None else self.strip(text)
        # Only blanks: null, like an empty field. Only a currency: not a value.
        if left in self.nulls and (left or is_blank(text)):
            return None
        return self.exact(left)

    def _without_words(self, texts: Texts) -> Texts:
        """The texts with nulls in place of null words, so that no shortcut converts these words. An empty
        text is not replaced.
        """
        words = self.nulls - {""} if self.exact else self.nulls
        if not words:
            return texts
        null = compute.is_in(texts, value_set=pa.array(sorted(words), pa.string()))
        return compute.if_else(null, pa.scalar(None, pa.string()), texts)  # type: ignore[no-any-return]

    def _complete(self, values: pa.Array[Any], texts: Texts) -> Values:
        """Convert the texts that no shortcut converted. The exact reader converts each distinct text once."""
        left = values.is_null()
        rest = texts.filter(left).dictionary_encode()
        parsed = [self.cell(text.as_py()) for text in rest.dictionary]
        mended = pa.array([None if isinstance(each, RejectReason) else each for each in parsed], self.type)
        values = compute.replace_with_mask(values, left, mended.take(rest.indices))
        wrong = [each.value if isinstance(each, RejectReason) else None for each in parsed]
        if not any(wrong):
            return Values(values=values)
        reasons = pa.array(wrong, pa.string()).take(rest.indices)
        none = pa.nulls(len(texts), pa.string())
        return Values(values=values, reasons=compute.replace_with_mask(none, left, reasons))


def _readers(field: Field) -> tuple[Exact | None, Quick | None]:
    kind = field.value_type
    match field.type:
        case TypeName.TEXT:
            return None, None
        case TypeName.INTEGER:
            return _written(field, integer, integers().read)
        case TypeName.DECIMAL:
            exact = partial(decimal, precision=kind.precision, scale=kind.scale)
            return _written(field, exact, decimals(kind.precision, kind.scale).read)
        case TypeName.BOOLEAN:
            # A batch has few distinct words, and each is read once.
            return partial(boolean, words=boolean_words(field)), None
        case TypeName.DATE:
            layout = Layout.of(field)
            return Dates(layout=layout), _first_of(layout, {})
        case TypeName.TIMESTAMP:
            layout, zones = Layout.of(field), zones_of(field)
            return Moments(layout=layout, zones=zones), _first_of(layout, zones)


def _written(field: Field, exact: Callable[[str], Value | RejectReason], quick: Quick) -> tuple[Exact, Quick]:
    """Extend both readers, so that they also read numbers in the field's own notation."""
    written = Written.of(field)
    if written is None:
        return exact, quick
    none = RejectReason.NOT_AN_INTEGER if field.type is TypeName.INTEGER else RejectReason.NOT_A_DECIMAL

    def one(text: str) -> Value | RejectReason:
        plain = written.plain(text)
        return none if plain is None else exact(plain)

    def many(texts: Texts) -> pa.Array[Any]:
        if not written.takes_plain:
            return quick(written.many(texts))
        values = quick(texts)
        if not values.null_count:
            return values
        rest = compute.if_else(values.is_null(), texts, pa.scalar(None, pa.string()))
        return compute.coalesce(values, quick(written.many(rest)))  # type: ignore[no-any-return]

    return one, many


def _first_of(layout: Layout, zones: Zones) -> Quick | None:
    """Return a function that tries the shortcuts of the layout in order, each on the texts that the earlier
    ones did not convert.
    """

    def moments(shortcut: Shortcut, texts: Texts) -> pa.Array[Any]:
        found, zone = shortcut.read(texts), zones.get(shortcut.zone_name)
        return found if zone is None or shortcut.type != pa.timestamp("us") else zone.moments(found)

    def read(texts: Texts) -> pa.Array[Any]:
        values = moments(layout.shortcuts[0], texts)
        for shortcut in layout.shortcuts[1:]:
            if values.null_count:
                rest = compute.if_else(values.is_null(), texts, pa.scalar(None, pa.string()))
                values = compute.coalesce(values, moments(shortcut, rest))
        return values

    return read if layout.shortcuts else None
