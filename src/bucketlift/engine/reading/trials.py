"""Finds out, in a dry run, what loads of contacts or employees would change in their directories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from bucketlift.engine.context.run_context import RunContext
from bucketlift.errors import BucketliftError
from bucketlift.model.claim import Claim
from bucketlift.model.directory.targets import ContactsTarget, EmployeesTarget, is_for_platform
from bucketlift.model.workflow import LoadTask
from bucketlift.ports.directory import Directory, Trial
from bucketlift.tabular.transform.row_transforms import RowTransforms

Directories = Callable[[str], Directory]
"""A function that opens the directory of the destination with this name."""


@dataclass(kw_only=True)
class Trials:
    """The trials of all loads of contacts or employees in a workflow. If the directory of one load cannot be
    read, the trials of the other loads continue.
    """

    context: RunContext
    directories: Directories
    loads: tuple[LoadTask, ...]
    _trials: dict[str, Trial] = field(default_factory=dict)
    _errors: dict[str, BucketliftError] = field(default_factory=dict)
    _left_out: set[str] = field(default_factory=set)

    @staticmethod
    def of(context: RunContext, directories: Directories) -> Trials:
        loads = (
            each
            for each in context.workflow.loads
            if isinstance(each.target, ContactsTarget | EmployeesTarget) and not is_for_platform(each.target)
        )
        return Trials(context=context, directories=directories, loads=tuple(loads))

    def add(self, extract: str, claim: Claim) -> None:
        """Add the rows of a file to the trials of the loads that load this file. The file must have been read
        already.
        """
        for load in self._loads_from(extract):
            try:
                self._add(load, claim)
            except BucketliftError as error:
                self._errors.setdefault(load.id, error)

    def leave_out(self, extract: str) -> None:
        """Record that a run would load a further file of this extract task, but that the trials do not
        include its rows.
        """
        self._left_out.update(load.id for load in self._loads_from(extract))

    def result(self, load: str) -> dict[str, Any]:
        """The result of a load's trial for the summary of the dry run, or the error of the trial. A load into
        a table has no trial, so its result is empty.
        """
        task = next((each for each in self.loads if each.id == load), None)
        if task is None:
            return {}
        try:
            if load in self._errors:
                raise self._errors[load]
            result = self._trial(task).result()
        except BucketliftError as error:
            return {"error": {"what": error.what, "to": error.to, "hint": error.hint}}
        return {"trial": asdict(result) | {"complete": result.complete and load not in self._left_out}}

    def _loads_from(self, extract: str) -> list[LoadTask]:
        return [each for each in self.context.workflow.loads_from(extract) if each in self.loads]

    def _add(self, load: LoadTask, claim: Claim) -> None:
        extract = self.context.extract(claim.task)
        transforms = RowTransforms.of(self.context.checks(extract))
        with self.context.services.spool.rows(claim.id) as rows:
            self._trial(load).add(claim.source.key, transforms.stream(load.source, rows))

    def _trial(self, load: LoadTask) -> Trial:
        if load.id not in self._trials:
            self._trials[load.id] = self.directories(load.destination).trial(load.target)
        return self._trials[load.id]
