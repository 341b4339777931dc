"""A workflow file beside a sample, and ways to change one word of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bucketlift.definition.compile.definition import Definition, Installed, compile_definition
from bucketlift.definition.parse import parse
from bucketlift.definition.yaml.problems import DefinitionWrong

HR = """\
version: 1
project: hr
accounts:
  acme: {kind: aws-role, role_arn: "arn:aws:iam::111122223333:role/bucketlift", region: us-east-1}
  lab:
    kind: s3-compatible
    endpoint_url: "http://127.0.0.1:9000"
    access_key: {env: LAB_KEY}
    secret_key: {file: /run/secrets/lab}
destinations:
  warehouse: {kind: duckdb, path: warehouse.duckdb}
workflows:
  nightly:
    enabled: true
    triggers: [{schedule: {cron: "0 2 * * *", timezone: America/Denver}}]
    tasks:
      - id: files
        extract:
          kind: s3
          account: acme
          bucket: hr-drop
          sample: employees.csv
          max_rejected: "1%"
          after_import: delete
      - id: enough
        condition: {all: ["files.rows > 0"], then: [people]}
      - id: people
        load:
          from: files
          to: warehouse
          table: employees
          mode: upsert
          key: [UniqueID]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "employees.csv").write_text("UniqueID,FirstName,LastName\n1,Ada,Example\n")
    return tmp_path


@pytest.fixture
def compiled(folder: Path) -> Callable[..., Definition]:
    """Compile ``hr.yaml``: the text above with some of its words replaced, or another text."""

    def compile_hr(
        *changes: tuple[str, str], text: str = HR, installed: Installed | None = None
    ) -> Definition:
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        return compile_definition(parse(text.encode(), name="hr.yaml", folder=folder), installed)

    return compile_hr


@pytest.fixture
def problems(compiled: Callable[..., Definition], folder: Path) -> Callable[..., list[str]]:
    """Everything that is told of a wrong ``hr.yaml``, one text per problem."""

    def told(*changes: tuple[str, str], **where: Installed | str) -> list[str]:
        with pytest.raises(DefinitionWrong) as refused:
            compiled(*changes, **where)
        return [str(problem).replace(str(folder), "FOLDER") for problem in refused.value.problems]

    return told
