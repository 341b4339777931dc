"""Decides whether two upserts into one table complete each other, so that they are no doubles."""

from __future__ import annotations

from collections.abc import Callable

from bucketlift.model.load import Column, Target, WriteMode
from bucketlift.model.workflow import LoadTask

Fold = Callable[[str], str]
_Fills = tuple[str, object]
"""The field that fills a column, and its type."""


def upserts_agree(first: LoadTask, second: LoadTask, fold: Fold) -> bool:
    """Whether both loads find the rows by one key, and none only overwrites what the other wrote.

    Loads of different transforms may write different rows, so only their keys must agree. Loads of the same rows
    must each fill a column of their own, and fill the columns that both write from the same fields.
    """
    one, other = first.target, second.target
    if not all(each.mode is WriteMode.UPSERT and each.key_columns for each in (one, other)):
        return False
    if _keys(one, fold) != _keys(other, fold):
        return False
    return first.source != second.source or _complete_each_other(one, other, fold)


def _complete_each_other(one: Target, other: Target, fold: Fold) -> bool:
    ours, theirs = _filled(one.columns, fold), _filled(other.columns, fold)
    shared = ours.keys() & theirs.keys()
    have_own = bool(ours.keys() - shared) and bool(theirs.keys() - shared)
    return have_own and all(ours[each] == theirs[each] for each in shared)


def _keys(target: Target, fold: Fold) -> dict[str, _Fills]:
    return _filled(tuple(each for each in target.columns if each.field in target.key), fold)


def _filled(columns: tuple[Column, ...], fold: Fold) -> dict[str, _Fills]:
    return {fold(each.name): (each.field, each.type) for each in columns}
