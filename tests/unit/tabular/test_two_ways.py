"""Read by blocks of whatever size, a file is what it is read record by record: rows, rejects, counts, notes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.model.contract import Contract, Dialect, Field, Policies, Policy
from bucketlift.model.types import TypeName
from budgets import examples

from .files import Outcome, a_contract, read

TOKENS = (
    ",",
    '"',
    '""',
    "\n",
    "\r\n",
    "\r",
    "\0",
    "a",
    "bc",
    ' "',
    '",',
    ',"',
    '"\n',
    "é",
    "\ufeff",
    "1",
    "\n\n",
    "\f",
    " ",
    "\x1a",
)
PIECES = (
    "id,name\n",
    "ID , name\r\n",
    '"id","na',
    '\ufeff"Id",name\n',
    '\ufeff"id","name"\n',
    "1,b\n",
    '2,"c,""d"""\r\n',
    "3,x,y\n",
    "ﬁ,",
    "i,d\n",
    "Name,id\n",
    ' "name","ID"\r\n',
    ",\n",
    '"",""\n',
    ' , ""\r\n',
    ",,\n",
    "\f\n",
    "\f1,b\n",
    "\fid,name\n",
    "\ufeff1,b\n",
    '\ufeff\ufeff"1",b\n',
    "\ufeff\n",
)
tokens = st.lists(st.sampled_from(TOKENS), max_size=60)
lines = st.lists(st.sampled_from(TOKENS + PIECES + PIECES), max_size=40)
bodies = (tokens | lines).map(lambda some: "".join(some).encode())
heads = st.sampled_from((b"id,name\n", b"\xef\xbb\xbf\n\r\nid,name\r\n", b'"id","name"\n', b"\n id ,NAME\n"))
policies = st.builds(
    Policies,
    empty_rows=st.sampled_from((Policy.HOLD, Policy.SKIP, Policy.KEEP)),
    repeated_header=st.sampled_from((Policy.HOLD, Policy.SKIP)),
)
sizes = st.sampled_from((1, 16, 24, 37, 64, 1 << 20))

TYPED = Contract(
    fields=(
        Field(name="id", type=TypeName.INTEGER),
        Field(
            name="name", type=TypeName.BOOLEAN, true_words=("a", "b"), false_words=("bc",), null_words=("1",)
        ),
    )
)


@pytest.fixture(autouse=True, scope="module")
def no_second_way():
    """Let a quick way that contradicts itself fail here; elsewhere the exact way would take over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bucketlift.tabular.read.strategy.CONTRADICTIONS", ())
        patch.setattr("bucketlift.tabular.read.strategy.SMALL", 0)
        yield


def both(data: bytes, contract: Contract, size: int, keys=()) -> tuple[Outcome, Outcome]:
    with TemporaryDirectory() as folder:
        by_blocks = read(Path(folder), data, contract, keys=keys, block_bytes=size)
        exactly = read(Path(folder), data, contract, keys=keys, block_bytes=0)
    return by_blocks, exactly


@pytest.mark.slow
@settings(max_examples=examples(600), deadline=None)
@given(head=heads, body=bodies, size=sizes, policies=policies)
def test_both_ways_give_one_answer(head, body, size, policies):
    by_blocks, exactly = both(head + body, a_contract(policies=policies), size)

    assert by_blocks == exactly


@pytest.mark.slow
@settings(max_examples=examples(250), deadline=None)
@given(
    body=bodies
    | st.lists(st.sampled_from(("id\n", "\n", "ID\r\n", "1\n", '"id"\n', "a,b\n")))
    .map("".join)
    .map(str.encode),
    size=sizes,
    policies=policies,
)
def test_both_ways_agree_on_one_column(body, size, policies):
    by_blocks, exactly = both(b"id\n" + body, a_contract("id", policies=policies), size)

    assert by_blocks == exactly


@pytest.mark.slow
@settings(max_examples=examples(250), deadline=None)
@given(body=bodies, size=sizes, quote=st.sampled_from((None, "'", " ", "a")))
def test_both_ways_agree_on_other_dialects(body, size, quote):
    contract = a_contract(dialect=Dialect(delimiter="\t", quote=quote))
    data = b"id\tname\n" + body.replace(b",", b"\t").replace(b'"', (quote or '"').encode())

    by_blocks, exactly = both(data, contract, size)

    assert by_blocks == exactly


@pytest.mark.slow
@settings(max_examples=examples(150), deadline=None)
@given(body=bodies, size=sizes)
def test_both_ways_agree_on_columns_that_are_not_there_or_not_wanted(body, size):
    policies = Policies(missing=Policy.ACCEPT, extra=Policy.IGNORE)

    by_blocks, exactly = both(b"id,Name\n" + body, a_contract("gone", "name", policies=policies), size)

    assert by_blocks == exactly


@pytest.mark.slow
@settings(max_examples=examples(250), deadline=None)
@given(head=heads, body=bodies, size=sizes, contract=st.sampled_from((TYPED, a_contract())))
def test_both_ways_agree_on_types_and_keys(head, body, size, contract):
    by_blocks, exactly = both(head + body, contract, size, keys=[("id",), ("name", "id")])

    assert by_blocks == exactly
