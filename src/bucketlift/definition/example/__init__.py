"""The example file with comments that ``bucketlift init`` writes, and the sample that it names."""

from __future__ import annotations

from importlib.resources import files

EXAMPLE_NAME = "bucketlift.yaml"
SAMPLE_NAME = "samples/employees.csv"
"""The path of the sample, relative to the example file."""
EXAMPLE = files(__name__).joinpath(EXAMPLE_NAME).read_text("utf-8")
SAMPLE = files(__name__).joinpath(SAMPLE_NAME).read_text("utf-8")
