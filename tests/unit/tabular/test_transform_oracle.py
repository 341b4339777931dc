"""A transform of a batch equals the same steps in plain Python, one row after another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.model.contract import Field
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.model.transforms.row_checks import RowChecks
from bucketlift.model.transforms.steps import (
    AddPrefix,
    AddSuffix,
    Case,
    ChangeCase,
    FormatNumber,
    FormatTime,
    MapValues,
    Parse,
    Replace,
    Split,
    Substring,
    Trim,
    Unmapped,
)
from bucketlift.model.transforms.transform import (
    Constant,
    Difference,
    EmptyParts,
    FromField,
    Join,
    OutputField,
    TransformTask,
    Unit,
)
from bucketlift.model.types import TypeName
from bucketlift.tabular.transform.row_transforms import RowTransforms
from budgets import examples
from unit.tabular.plain_transform import plain

FIELDS: list[pa.Field[Any]] = [
    pa.field("a", pa.string()),
    pa.field("b", pa.string()),
    pa.field("n", pa.int64()),
    pa.field("x", pa.decimal128(12, 3)),
    pa.field("d", pa.date32()),
    pa.field("e", pa.date32()),
    pa.field(SOURCE_LINE, pa.int64()),
]
SCHEMA = pa.schema(FIELDS)
TEXTS = st.text(st.sampled_from("aAbßÄ\u03c3\u03a3 ,;1.\u00a0\t'-_é\u0301"), max_size=7)
DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 31))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "a": st.none() | TEXTS,
            "b": st.none() | TEXTS,
            "n": st.none() | st.integers(-(2**63), 2**63 - 1),
            "x": st.none()
            | st.integers(-(10**12) + 1, 10**12 - 1).map(lambda value: Decimal(value).scaleb(-3)),
            "d": st.none() | DAYS,
            "e": st.none() | DAYS,
        }
    ),
    min_size=1,
    max_size=8,
)
LETTERS = st.sampled_from(["a", "A", ",", " ", "ß", "1", "."])
PARTS = st.integers(1, 4) | st.integers(-4, -1)
VALUES = st.dictionaries(TEXTS, st.none() | TEXTS, min_size=1, max_size=4).map(
    lambda each: tuple(each.items())
)
TEXT_STEPS = st.one_of(
    st.just(Trim()),
    st.builds(ChangeCase, case=st.sampled_from(Case)),
    st.builds(AddPrefix, prefix=LETTERS),
    st.builds(AddSuffix, suffix=LETTERS),
    st.builds(Replace, text=LETTERS, by=TEXTS, whole=st.booleans()),
    st.builds(
        Replace,
        text=st.sampled_from(["[aA]+", "(a)(.)", r"^ ", "1|a"]),
        by=st.sampled_from(["", "x"]),
        whole=st.booleans(),
        regex=st.just(True),
    ),
    st.builds(Split, by=LETTERS, part=PARTS),
    st.builds(Split, length=st.integers(1, 3), part=st.integers(1, 4)),
    st.builds(Substring, start=PARTS, length=st.none() | st.integers(1, 3)),
    st.builds(MapValues, pairs=VALUES, unmapped=st.sampled_from(Unmapped), default=st.just("?")),
)
LAST_STEPS = st.one_of(
    st.just(()),
    st.just((Parse(field=Field(name="out", type=TypeName.INTEGER)),)),
    st.just((Parse(field=Field(name="out", type=TypeName.DECIMAL, scale=1)),)),
    st.just((Parse(field=Field(name="out", null_words=("a", ""))), Trim())),
)
TEXT_ORIGINS = st.one_of(
    st.sampled_from(["a", "b", "n", "x", "d"]).map(lambda name: FromField(name=name)),
    st.builds(Constant, text=TEXTS),
    st.builds(
        Join,
        names=st.lists(st.sampled_from(["a", "b", "n", "x", "d"]), min_size=1, max_size=3).map(tuple),
        separator=st.sampled_from(["", "-"]),
        empty=st.sampled_from(EmptyParts),
    ),
)
TEXT_FIELDS = st.builds(
    lambda origin, steps, last, required: OutputField(
        name="out", origin=origin, steps=(*steps, *last), required=required
    ),
    TEXT_ORIGINS,
    st.lists(TEXT_STEPS, max_size=4),
    LAST_STEPS,
    st.booleans(),
)
TYPED_FIELDS = st.one_of(
    st.builds(
        Difference, first=st.sampled_from("de"), second=st.sampled_from("de"), unit=st.sampled_from(Unit)
    ),
    st.builds(Difference, first=st.sampled_from("nx"), second=st.sampled_from("nx")),
).map(lambda origin: OutputField(name="out", origin=origin)) | st.sampled_from(
    [
        OutputField(name="out", origin=FromField(name="d"), steps=(FormatTime(format="%d.%m.%Y"),)),
        OutputField(name="out", origin=FromField(name="x"), steps=(FormatNumber(scale=2, thousands=","),)),
        OutputField(name="out", origin=FromField(name="n"), steps=(FormatNumber(thousands="'"),)),
        OutputField(name="out", origin=FromField(name="d"), required=True),
    ]
)


@settings(deadline=None, max_examples=examples(2000))
@given(rows=ROWS, field=TEXT_FIELDS | TYPED_FIELDS, cut=st.integers(0, 8))
def test_a_batch_equals_one_row_after_another(rows, field, cut):
    numbered = [{**row, SOURCE_LINE: line} for line, row in enumerate(rows, start=2)]
    table = pa.Table.from_batches(
        [pa.RecordBatch.from_pylist(part, schema=SCHEMA) for part in (numbered[:cut], numbered[cut:]) if part]
    )
    task = TransformTask(id="t", source="files", fields=(field,))
    transforms = RowTransforms.of(RowChecks(extract="files", transforms=(task,)))

    faults = transforms.faults(table)
    assert faults is not None
    kept = table.filter(faults.kept)
    found = {fault.row: (fault.reason.value, fault.field) for fault in faults}
    streamed = list(_streamed(transforms, kept))

    expected = [plain(row, [field], "t") for row in numbered]
    assert found == {at: each for at, each in enumerate(expected) if isinstance(each, tuple)}
    assert streamed == [each for each in expected if not isinstance(each, tuple)]


def _streamed(transforms, table):
    rows = RowStream(schema=table.schema, batches=iter(table.to_batches()))
    stream = transforms.stream("t", rows)
    for batch in stream:
        assert batch.schema == stream.schema
        yield from batch.to_pylist()
