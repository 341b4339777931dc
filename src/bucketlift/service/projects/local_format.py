"""Makes the format and the contract of a local file from the arguments of a Python program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, Field, FileType
from bucketlift.model.hold import Hold
from bucketlift.model.packing import Archive
from bucketlift.tabular.read.local import Location, own_fields
from bucketlift.tabular.sample import named_fields, sample_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFormat:
    """The requested format. ``named``: whether a contract, a sample or a list of columns gives the fields."""

    contract: Contract
    named: bool
    form: Mapping[str, Any]
    """The arguments, under the keys of a workflow file."""
    archive: Archive | None = None

    @staticmethod
    def of(arguments: Mapping[str, Any], sample: Location | None, file_type: FileType) -> LocalFormat:
        """Read the arguments.

        Raises:
            RequestWrong: the arguments are not valid or conflict, or the sample cannot be used.
        """
        contract = arguments["contract"]
        form = {name: value for name, value in arguments.items() if value is not None}
        if isinstance(contract, Contract):
            _refuse_conflicts(contract, sample, form)
            return LocalFormat(contract=contract, named=True, form={})
        if "columns" in form and sample is not None:
            raise RequestWrong("`sample` and `columns` cannot be used together", hint="Pass one of them.")
        asked = _unnamed(form, file_type)
        dialect, policies = asked.contract.dialect, asked.contract.policies
        if "columns" in form:
            return asked.naming(named_fields(form["columns"], to="columns", duplicate=policies.duplicate))
        if sample is not None:
            return asked.naming(sample_fields(Path(sample), dialect, policies.duplicate, policies.blank))
        if not dialect.header:
            raise RequestWrong(
                "Files without a header row need field names",
                to="dialect.header",
                hint='Pass columns=["A", "B"], or a sample with a header row.',
            )
        return asked

    def naming(self, fields: tuple[Field, ...]) -> LocalFormat:
        """The format with these fields, and with the types that the arguments give."""
        if not self.form:
            return LocalFormat(
                contract=Contract(fields=fields, dialect=self.contract.dialect), named=True, form={}
            )
        from bucketlift.definition.yaml.problems import dotted  # noqa: PLC0415 - slow import
        from bucketlift.service.projects.formats import typed  # noqa: PLC0415 - slow import

        contract = typed(self.form, fields, name_of=dotted).contract
        return LocalFormat(contract=contract, named=True, form=self.form, archive=self.archive)

    def contract_for(self, path: Path) -> Contract | Hold:
        """The contract of an unpacked file. The file's own header gives the fields if nothing else does."""
        if self.named:
            return self.contract
        policies = self.contract.policies
        fields = own_fields(path, self.contract.dialect, policies.duplicate, policies.blank)
        if isinstance(fields, Hold):
            return fields
        try:
            named_fields([field.name for field in fields], to=str(path))
        except RequestWrong:
            # The reader holds a file with such a header and reports the reason.
            return Contract(fields=fields, dialect=self.contract.dialect, policies=self.contract.policies)
        return self.naming(fields).contract if fields else self.contract


def _refuse_conflicts(contract: Contract, sample: Location | None, form: Mapping[str, Any]) -> None:
    if sample is not None:
        raise RequestWrong("`contract` and `sample` cannot be used together", hint="Pass one of them.")
    others = [name for name in form if form[name] is not contract]
    if others:
        raise RequestWrong(
            f"`{others[0]}` cannot be used with a Contract",
            to=others[0],
            hint='Set it in the Contract, or pass contract={"extra": "ignore"} or similar instead of a Contract.',
        )


def _unnamed(form: Mapping[str, Any], file_type: FileType) -> LocalFormat:
    """The format without fields, because they are not known yet."""
    if not form:
        return LocalFormat(contract=Contract(fields=(), dialect=Dialect.of(file_type)), named=False, form={})
    from bucketlift.definition.fragments import extract_from  # noqa: PLC0415 - slow import
    from bucketlift.definition.yaml.problems import dotted  # noqa: PLC0415 - slow import

    form = {"file_type": file_type.value} | dict(form)
    task = extract_from(form, None, name_of=dotted)
    return LocalFormat(contract=task.contract, named=False, form=form, archive=task.archive)
