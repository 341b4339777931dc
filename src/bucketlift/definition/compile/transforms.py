"""Compiles transforms: their fields, steps and types, and the fields of the resulting rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bucketlift.definition.compile.context import Compilation, Sources
from bucketlift.definition.compile.steps import steps_of
from bucketlift.definition.yaml.problems import Path
from bucketlift.model.rows import LOAD_ID, SOURCE_LINE
from bucketlift.model.transforms.transform import Constant, OutputField, RowField, TransformTask
from bucketlift.model.types import ValueType
from bucketlift.rules.transforms.fields import fields_after
from bucketlift.rules.transforms.types import StepConflict, output_type
from bucketlift.schema.transforms import OutputShape, TransformShape
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.transform.checking import constant_fault


def transform_task(
    task_id: str, shape: TransformShape, path: Path, sources: Sources, compilation: Compilation
) -> tuple[TransformTask, tuple[RowField, ...]]:
    """Compile a transform. Returns it and the fields of its rows; no fields if a problem makes them unknown."""
    before = compilation.problems[:]
    fields = compilation.source_fields(shape.source, sources, path, "transform")
    made = tuple(
        _output(name, each, (*path, "fields", name), fields, compilation)
        for name, each in shape.fields.items()
    )
    _check_names(made, fields, (*path, "fields"), compilation)
    task = TransformTask(id=task_id, source=shape.source, fields=made)
    return task, fields_after(task, fields) if fields and compilation.problems == before else ()


def _output(
    name: str, shape: OutputShape, path: Path, fields: Sequence[RowField], compilation: Compilation
) -> OutputField:
    before = len(compilation.problems)
    origin = shape.origin()
    made = OutputField(
        name=name, origin=origin, steps=steps_of(name, shape, path, compilation), required=shape.required
    )
    names = [each.name for each in fields]
    wrong = [
        source
        for source, place in zip(origin.sources, _places(shape, path), strict=True)
        if names and not compilation.check_known(source, names, place, "field")
    ]
    if names and not wrong and len(compilation.problems) == before:
        _check_types(made, {each.name: each.type for each in fields}, shape, path, compilation)
    return made


def _places(shape: OutputShape, path: Path) -> Iterator[Path]:
    """Yield the path of each source field in the origin of a field's value."""
    if shape.source is not None:
        yield (*path, "from")
    word = "join" if shape.join is not None else "difference"
    for number, _ in enumerate(shape.join or shape.difference or ()):
        yield (*path, word, number)


def _check_types(
    made: OutputField,
    types: Mapping[str, ValueType],
    shape: OutputShape,
    path: Path,
    compilation: Compilation,
) -> None:
    try:
        output_type(made, types)
    except StepConflict as error:
        compilation.add_problem(error.what, _place_of(error.step, shape, path), error.hint)
        return
    if isinstance(made.origin, Constant) and (fault := constant_fault(made)) is not None:
        what = f"every row would be a reject: {fault}"
        compilation.add_problem(what, (*path, "value"), "Change the value or its steps.")


def _place_of(step: int | None, shape: OutputShape, path: Path) -> Path:
    """The path of a step in the file. A step after the listed ones is a key of the field."""
    return path if step is None or step >= len(shape.steps) else (*path, "steps", step)


def _check_names(
    made: Sequence[OutputField], before: Sequence[RowField], path: Path, compilation: Compilation
) -> None:
    """Check that no two fields of the rows have the same name, and that no field has the name of a lineage
    column.
    """
    known = {fold(each.name): each.name for each in before}
    for output in made:
        name, place = output.name, (*path, output.name)
        other = known.setdefault(fold(name), name)
        if not name.strip():
            compilation.add_problem("a field has no name", place, "Give the field a name.")
        elif fold(name) in (SOURCE_LINE, LOAD_ID):
            what = f"`{name}` is the name of a lineage column of Bucketlift"
            compilation.add_problem(what, place, "Choose another name.")
        elif other != name:
            what = f"`{name}` and `{other}` are the same name: they differ only in case or surrounding blanks"
            compilation.add_problem(
                what, place, f"To replace the field, name it `{other}`; otherwise choose another name."
            )
