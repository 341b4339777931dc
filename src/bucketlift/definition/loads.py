"""Load tasks: from the file's shape to model values."""

from __future__ import annotations

from collections.abc import Mapping

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.problems import Path
from bucketlift.definition.tasks import LoadShape
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract
from bucketlift.model.load import Column, Lineage, Target, WriteMode
from bucketlift.model.workflow import ExtractTask, LoadTask
from bucketlift.rules.targets import NAMINGS, check_target


def load_task(
    task_id: str, shape: LoadShape, path: Path, extracts: Mapping[str, ExtractTask], compiling: Compiling
) -> LoadTask:
    """``extracts`` are those that stand before it."""
    compiling.installed(shape.to, compiling.destinations.keys(), (*path, "to"), "destination")
    found = compiling.known(shape.source, extracts, (*path, "from"), "extract task before this load named")
    contract = extracts[shape.source].contract if found else Contract(fields=())
    target = _target(shape, contract)
    if contract.fields:
        _check(target, shape, contract, path, compiling)
    return LoadTask(id=task_id, source=shape.source, destination=shape.to, target=target)


def _target(shape: LoadShape, contract: Contract) -> Target:
    columns = tuple(
        Column(name=column, field=field.name, type=field.value_type)
        for field in contract.fields
        for column in shape.map.get(field.name, [field.name])
    )
    mode = WriteMode(shape.mode)
    # A key tells rows apart for upsert only; kept elsewhere it would look as if it did something.
    key = tuple(shape.key) if mode is WriteMode.UPSERT else ()
    return Target(table=shape.table, columns=columns, mode=mode, key=key, lineage=Lineage(shape.lineage))


def _check(target: Target, shape: LoadShape, contract: Contract, path: Path, compiling: Compiling) -> None:
    named = [(name, (*path, "map", name)) for name in shape.map]
    named += [(name, (*path, "key", position)) for position, name in enumerate(shape.key)]
    unknown = [name for name, place in named if not compiling.known(name, contract.names, place, "field")]
    if unknown:
        return
    destination = compiling.destinations.get(shape.to)
    if destination is None:
        return
    try:
        check_target(target, contract.names, NAMINGS[destination.kind])
    except RequestWrong as error:
        compiling.wrong_as(error, path)
