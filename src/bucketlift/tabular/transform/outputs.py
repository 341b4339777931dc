"""Computes one field that a transform makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from bucketlift.model.rows import RejectReason
from bucketlift.model.transforms.transform import OutputField
from bucketlift.tabular.transform.origins import original
from bucketlift.tabular.transform.steps import Apply, function_of
from bucketlift.tabular.transform.values import Array
from bucketlift.tabular.types.columns import Values
from bucketlift.tabular.types.computing import compute


@dataclass(frozen=True, slots=True)
class Failed:
    """The rows to which a step could not be applied."""

    where: str
    """The name of the field, and the number of the step if there is one."""
    reasons: Array
    """A RejectReason for each row that failed; null for the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    field: OutputField
    task: str
    steps: tuple[Apply, ...]

    @staticmethod
    def of(field: OutputField, task: str) -> Output:
        """Prepare a field.

        Raises:
            RequestWrong: a format or a time zone cannot be used.
        """
        return Output(field=field, task=task, steps=tuple(map(function_of, field.steps)))

    def read(self, column: Callable[[str], Array], rows: int) -> tuple[Array, list[Failed]]:
        """Compute the values, and the failures in the order of the steps. The value of a row that failed is
        null.
        """
        failed: list[Failed] = []
        values = self._kept(original(self.field.origin, column, rows), self.field.origin.kind, failed)
        for number, (step, apply) in enumerate(zip(self.field.steps, self.steps, strict=True), start=1):
            values = self._kept(apply(values), f"step {number}: {step.kind}", failed)
        if self.field.required:
            failed += self._missing(values)
        return values, failed

    def _kept(self, found: Values, step: str, failed: list[Failed]) -> Array:
        if found.reasons is not None:
            failed.append(Failed(f"{self.field.name} ({self.task}, {step})", found.reasons))
        return found.values

    def _missing(self, values: Array) -> Iterator[Failed]:
        missing = values.is_null()
        if values.type == pa.string():
            missing = compute.or_(missing, compute.fill_null(compute.equal(values, ""), fill_value=False))
        if compute.any(missing).as_py():
            reason = pa.scalar(RejectReason.REQUIRED.value)
            reasons = compute.if_else(missing, reason, pa.scalar(None, pa.string()))
            yield Failed(f"{self.field.name} ({self.task})", reasons)
