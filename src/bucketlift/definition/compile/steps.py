"""Compiles the steps of a transform's field, with the map and the type at their end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from pyarrow import ArrowInvalid

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.compile.field_types import typed_field
from bucketlift.definition.yaml.problems import Path
from bucketlift.errors import RequestWrong
from bucketlift.model.transforms.steps import (
    FormatTime,
    MapValues,
    Parse,
    Replace,
    Step,
    Unmapped,
)
from bucketlift.schema.transforms import (
    DefaultShape,
    MapFileShape,
    OutputShape,
    StepShape,
    UnmappedForm,
    ValuesForm,
)
from bucketlift.tabular.read.value_map import read_pairs
from bucketlift.tabular.transform.checking import check_format, check_regex


def steps_of(name: str, shape: OutputShape, path: Path, compilation: Compilation) -> tuple[Step, ...]:
    return tuple(_steps(name, shape, path, compilation))


def _steps(name: str, shape: OutputShape, path: Path, compilation: Compilation) -> Iterator[Step]:
    for number, each in enumerate(shape.steps):
        yield _step(name, each, (*path, "steps", number), compilation)
    if shape.values is not None:
        yield _map(shape.values, shape.unmapped, path, compilation)
    settings = shape.settings()
    if settings:
        yield Parse(field=typed_field(name, settings, path, compilation))


def _step(name: str, shape: StepShape, path: Path, compilation: Compilation) -> Step:
    if shape.values is not None:
        return _map(shape.values, shape.unmapped, path, compilation)
    if shape.parse is not None:
        return Parse(field=typed_field(name, shape.parse.settings(), (*path, "parse"), compilation))
    if shape.format is not None:
        return _format(FormatTime(format=shape.format, timezone=shape.timezone), path, compilation)
    if shape.replace is not None:
        return _replace(shape.replace.to_model(), (*path, "replace"), compilation)
    step: Step = shape.to_model()
    return step


def _map(
    values: ValuesForm, unmapped: UnmappedForm | None, path: Path, compilation: Compilation
) -> MapValues:
    pairs = _pairs(values, (*path, "values", "file"), compilation)
    if isinstance(unmapped, DefaultShape):
        return MapValues(pairs=pairs, unmapped=Unmapped.DEFAULT, default=unmapped.default)
    return MapValues(pairs=pairs, unmapped=Unmapped(unmapped or Unmapped.REJECT))


def _pairs(values: ValuesForm, path: Path, compilation: Compilation) -> tuple[tuple[str, str | None], ...]:
    """The pairs of a value map, from the workflow file or from the file that it names; none if a problem
    gives the reason.
    """
    if not isinstance(values, MapFileShape):
        return tuple(values.items())
    try:
        found = read_pairs(FilePath(compilation.absolute(values.file)), header=values.header)
    except RequestWrong as error:
        compilation.add_error(error, path)
        return ()
    header = f" below the header {', '.join(found.header)}" if found.header else ""
    compilation.notes.append(f"{values.file}: {len(found.pairs):,} pairs{header}")
    return found.pairs


def _format(step: FormatTime, path: Path, compilation: Compilation) -> FormatTime:
    try:
        check_format(step.format)
    except RequestWrong as error:
        compilation.add_error(error, (*path, "format"))
    return step


def _replace(step: Replace, path: Path, compilation: Compilation) -> Replace:
    try:
        check_regex(step)
    except ArrowInvalid as error:
        what = f"the regular expression cannot be used ({error})"
        compilation.add_problem(
            what, (*path, "text"), "Write it in the syntax of RE2; in `by`, \\1 is the first group."
        )
    return step
