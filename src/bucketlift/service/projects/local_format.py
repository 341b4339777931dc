"""How a program says that a local file is written, and the contract that this makes with the file's header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, Field, FileType, Hold
from bucketlift.model.packing import Archive
from bucketlift.tabular.read.local import Location, own_fields
from bucketlift.tabular.sample import named_fields, sample_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The fields of ``contract`` are known if a contract, a sample or a list of columns names them."""

    contract: Contract
    named: bool
    form: Mapping[str, Any]
    """What was said in the words of a workflow file."""
    archive: Archive | None = None

    @staticmethod
    def of(said: Mapping[str, Any], sample: Location | None, file_type: FileType) -> Asked:
        """What the arguments ask for.

        Raises:
            RequestWrong: they are wrong, or do not fit together; or the sample cannot be used.
        """
        contract = said["contract"]
        form = {name: value for name, value in said.items() if value is not None}
        if isinstance(contract, Contract):
            _refuse_beside(contract, sample, form)
            return Asked(contract=contract, named=True, form={})
        if "columns" in form and sample is not None:
            raise RequestWrong("There are a sample and a list of columns", hint="Give one of them.")
        asked = _unnamed(form, file_type)
        dialect, duplicate = asked.contract.dialect, asked.contract.policies.duplicate
        if "columns" in form:
            return asked.naming(named_fields(form["columns"], to="columns", duplicate=duplicate))
        if sample is not None:
            return asked.naming(sample_fields(Path(sample), dialect, duplicate))
        if not dialect.header:
            raise RequestWrong(
                "Files without a header row do not name their fields",
                to="dialect.header",
                hint='Pass columns=["A", "B"], or a sample with a header row.',
            )
        return asked

    def naming(self, fields: tuple[Field, ...]) -> Asked:
        """The same with these fields, typed as the form says."""
        if not self.form:
            return Asked(contract=Contract(fields=fields, dialect=self.contract.dialect), named=True, form={})
        from bucketlift.definition.yaml.problems import dotted  # noqa: PLC0415 - most files need no schema, and it loads slowly
        from bucketlift.service.projects.formats import typed  # noqa: PLC0415 - see above

        contract = typed(self.form, fields, name_of=dotted).contract
        return Asked(contract=contract, named=True, form=self.form, archive=self.archive)

    def contract_for(self, path: Path) -> Contract | Hold:
        """The contract of a plain file, with the names in its own header if nothing else names the fields."""
        if self.named:
            return self.contract
        fields = own_fields(path, self.contract.dialect, self.contract.policies.duplicate)
        if isinstance(fields, Hold):
            return fields
        try:
            named_fields([field.name for field in fields], to=str(path))
        except RequestWrong:
            # The reader holds the file for such a header, with the reason.
            return Contract(fields=fields, dialect=self.contract.dialect, policies=self.contract.policies)
        return self.naming(fields).contract if fields else self.contract


def _refuse_beside(contract: Contract, sample: Location | None, form: Mapping[str, Any]) -> None:
    if sample is not None:
        raise RequestWrong("There are a contract and a sample", hint="Give one of them.")
    beside = [name for name in form if form[name] is not contract]
    if beside:
        raise RequestWrong(
            f"`{beside[0]}` does not go with a Contract",
            to=beside[0],
            hint='A Contract says it itself; contract={"extra": "ignore"} and the like go with other arguments.',
        )


def _unnamed(form: Mapping[str, Any], file_type: FileType) -> Asked:
    """Fields stand for those that will be named."""
    if not form:
        return Asked(contract=Contract(fields=(), dialect=Dialect.of(file_type)), named=False, form={})
    from bucketlift.definition.by_hand import extract_from  # noqa: PLC0415 - most files need no schema
    from bucketlift.definition.yaml.problems import dotted  # noqa: PLC0415 - see above

    form = {"file_type": file_type.value} | dict(form)
    task = extract_from(form, None, name_of=dotted)
    return Asked(contract=task.contract, named=False, form=form, archive=task.archive)
