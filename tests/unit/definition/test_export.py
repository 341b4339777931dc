"""Model values back to the text of a workflow file."""

import pytest

from bucketlift.definition.compile.definition import Definition
from bucketlift.definition.export import export, sample_header
from bucketlift.model.account import Account, AwsRole
from bucketlift.model.contract import Contract, Dialect, Field


def sample_of(workflow, task):
    return f"samples/{workflow}.{task.id}.csv"


def test_a_project_reads_like_one_that_a_person_wrote(compiled):
    text = export(compiled(("path: warehouse", "path: /srv/hr/warehouse")), sample_of)

    assert (
        text
        == """\
version: 1
project: hr
accounts:
  acme: {kind: aws-role, role_arn: "arn:aws:iam::111122223333:role/bucketlift", region: us-east-1}
  lab:
    kind: s3-compatible
    endpoint_url: "http://127.0.0.1:9000"
    access_key: {env: LAB_KEY}
    secret_key: {file: /run/secrets/lab}
    region: us-east-1
    accept_weak_store: false
destinations:
  warehouse: {kind: duckdb, path: /srv/hr/warehouse.duckdb}
workflows:
  nightly:
    title: nightly
    enabled: true
    triggers:
      - schedule: {cron: "0 2 * * *", timezone: America/Denver}
    tasks:
      - id: files
        extract:
          kind: s3
          account: acme
          bucket: hr-drop
          file_type: csv
          sample: samples/nightly.files.csv
          max_rejected: "1%"
          after_import: delete
      - id: enough
        condition:
          all: ["files.rows > 0"]
          then: [people]
      - id: people
        load:
          from: files
          to: warehouse
          table: employees
          mode: upsert
          key: [UniqueID]
"""
    )


@pytest.mark.parametrize("setting", ["header: true", "footer: []"])
def test_a_dialect_of_one_setting_that_equals_its_default_is_exported(compiled, setting):
    text = export(compiled(("max_rejected:", f"dialect: {{{setting}}}\n          max_rejected:")), sample_of)

    assert f"dialect: {{{setting}}}" in text


def test_an_external_id_is_never_exported():
    role = AwsRole(role_arn="arn:aws:iam::111122223333:role/x", region="us-east-1", external_id="E-1234")
    definition = Definition(project="hr", accounts=(Account(name="acme", settings=role, project="hr"),))

    text = export(definition, sample_of)

    assert text == (
        "version: 1\nproject: hr\naccounts:\n"
        '  acme: {kind: aws-role, role_arn: "arn:aws:iam::111122223333:role/x", region: us-east-1}\n'
    )


@pytest.mark.parametrize(
    ("dialect", "header"),
    [
        (Dialect(), '"last, first",Plain\r\n'),
        (Dialect(delimiter=";"), "last, first;Plain\r\n"),
        (Dialect(delimiter="\t", quote=None), "last, first\tPlain\r\n"),
        (Dialect(quote="'"), "'last, first',Plain\r\n"),
    ],
)
def test_a_sample_s_header_is_written_in_its_own_dialect(dialect, header):
    contract = Contract(fields=(Field(name="last, first"), Field(name="Plain")), dialect=dialect)

    assert sample_header(contract) == header
