"""The pairs of a value map: written in the workflow file, or in a CSV or TSV file of two columns."""

from __future__ import annotations

from collections import Counter
from pathlib import Path as FilePath

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.yaml.problems import Path
from bucketlift.errors import RequestWrong
from bucketlift.schema.transforms import MapFileShape, ValuesForm
from bucketlift.tabular.read.value_map import read_pairs

Pairs = tuple[tuple[str, str | None], ...]
_SHOWN = 3


def pairs_of(values: ValuesForm, path: Path, compilation: Compilation) -> Pairs:
    """The pairs; none if a problem gives the reason."""
    if not isinstance(values, MapFileShape):
        return tuple(values.items())
    place = (*path, "file")
    try:
        found = read_pairs(FilePath(compilation.absolute(values.file)), header=values.header)
    except RequestWrong as error:
        compilation.add_error(error, place)
        return ()
    lines = Counter(value for value, _, _ in found.pairs)
    twice = [(line, value) for value, _, line in found.pairs if lines[value] > 1]
    if twice:
        shown = ", ".join(str(line) for line, _ in twice[:_SHOWN])
        more = f" and {len(twice) - _SHOWN} more" if len(twice) > _SHOWN else ""
        what = f"{values.file} has a value more than once (lines {shown}{more})"
        compilation.add_problem(what, place, "Keep one line for each value.")
        return ()
    header = f" below the header {', '.join(found.header)}" if found.header else ""
    compilation.notes.append(f"{values.file}: {len(found.pairs):,} pairs{header}")
    return tuple((value, to) for value, to, _ in found.pairs)
