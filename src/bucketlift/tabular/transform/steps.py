"""Makes one step of a transform a function of a column."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pyarrow as pa

from bucketlift.model.transforms.steps import (
    AddPrefix,
    AddSuffix,
    ChangeCase,
    FormatNumber,
    FormatTime,
    MapValues,
    Parse,
    Replace,
    Split,
    Step,
    Substring,
    Trim,
)
from bucketlift.tabular.transform import texts
from bucketlift.tabular.transform.formats import NumberFormat, TimeFormat
from bucketlift.tabular.transform.mapping import ValueMap
from bucketlift.tabular.transform.values import Array, as_text
from bucketlift.tabular.types.columns import ColumnReader, Values

Apply = Callable[[Array], Values]


def function_of(step: Step) -> Apply:
    """The step as a function of a column. Null stays null. A step for texts gets dates, times and other
    values as texts in ISO form.

    Raises:
        RequestWrong: a format or a time zone cannot be used.
    """
    match step:
        case FormatTime():
            return TimeFormat(step)
        case FormatNumber():
            return NumberFormat(step)
    of_text = _of_text(step)
    return lambda values: of_text(as_text(values))


def _of_text(step: Step) -> Apply:
    match step:
        case Split():
            return partial(texts.part_of, step=step)
        case Substring():
            return partial(texts.substring, step=step)
        case MapValues():
            return ValueMap(step)
        case Parse(field=field):
            return ColumnReader.of(field).read
    change = _change(step)
    return lambda values: Values(values=change(values))


def _change(step: Step) -> Callable[[Array], Array]:
    match step:
        case Trim():
            return texts.trimmed
        case ChangeCase(case=case):
            return partial(texts.in_case, case=case)
        case AddPrefix(prefix=prefix):
            return lambda values: texts.joined(pa.scalar(prefix), values)
        case AddSuffix(suffix=suffix):
            return lambda values: texts.joined(values, pa.scalar(suffix))
        case Replace():
            return partial(texts.replaced, step=step)
        case _:
            raise AssertionError(step.kind)
