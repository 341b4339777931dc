"""A workflow file with two loads of one extract into one table is refused, and its hint repairs it."""

from __future__ import annotations

import pytest

from bucketlift.definition.compile.definition import Installed, compile_definition
from bucketlift.definition.parse import parse
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.model.account import PostgresqlDestination, SecretRef, VaultSecret
from unit.definition.conftest import HR

AGAIN = """\
      - id: again
        load: {from: files, to: warehouse, table: Employees}
"""
CHOICE = """\
      - id: more
        condition: {all: ["files.rows > 9"], then: [people], else: [again]}
      - id: people
"""


def test_two_loads_into_one_table_are_refused_with_both_names(compiled, problems):
    [said] = problems(text=HR + AGAIN)

    assert said == (
        "`people` and `again` both load the rows of `files` into the table `employees` of `warehouse` "
        "(also `Employees` of `warehouse`), so each row would be loaded twice: "
        "hr.yaml line 35 (workflows.nightly.tasks[3].load). Delete one of the two loads, load one of them "
        "into another table, or name one of them in `then` and the other in `else` of one condition."
    )
    for obeyed in (("table: Employees", "table: others"), ("      - id: people\n", CHOICE), (AGAIN, "")):
        assert compiled(obeyed, text=HR + AGAIN).workflows


@pytest.mark.parametrize("url", ["postgresql://other@DB:5432/hr", "postgresql://other@elsewhere/hr"])
def test_two_destinations_of_one_database_are_compared_by_their_urls(compiled, folder, url):
    urls: dict[SecretRef, str] = {
        VaultSecret(secret="one"): "postgresql://hr@db/hr",
        VaultSecret(secret="two"): url,
    }
    installed = Installed(
        accounts={},
        destinations={
            name: PostgresqlDestination(url=secret)
            for name, secret in zip(("warehouse", "copy"), urls, strict=True)
        },
        url_of=lambda secret: urls[secret],
    )
    text = (HR + AGAIN.replace("warehouse, table: Employees", "copy, table: employees")).replace(
        "destinations:\n  warehouse: {kind: duckdb, path: warehouse.duckdb}\n", ""
    )

    def compile_it():
        return compile_definition(parse(text.encode(), name="hr.yaml", folder=folder), installed)

    if "elsewhere" in url:
        assert compile_it().workflows
    else:
        with pytest.raises(DefinitionWrong, match="also `employees` of `copy`"):
            compile_it()
